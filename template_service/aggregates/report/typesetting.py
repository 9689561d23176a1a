"""Sets pages and slides with Typst in process: tagged PDF/UA-1, and PNG of the same pages."""

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import orjson
import typst

from template_service.aggregates.report.fonts import Font, checked

TEMPLATES: Final = Path(__file__).parent / "templates"

# One compiler keeps what it has read and set; it is not made for several threads at once.
_one_at_a_time = Lock()


def pdf(template: str, page: dict[str, Any], font: Font) -> bytes:
    """The page as a tagged PDF that claims PDF/UA-1 (ISO 14289-1).

    Typst refuses a chart without an alternative text, a missing title or a skipped heading level.
    The bytes are the same for the same page: they hold no moment of making.
    """
    return _compiled(template, page, font, format="pdf", pdf_standards=["ua-1"], timestamp=0)[0]


def png(template: str, page: dict[str, Any], font: Font, *, ppi: float = 144) -> list[bytes]:
    """Every page as PNG."""
    return _compiled(template, page, font, format="png", ppi=ppi)


def _compiled(
    template: str,
    page: dict[str, Any],
    font: Font,
    *,
    format: Literal["pdf", "png"],  # noqa: A002  # the library's own word
    **options: Any,
) -> list[bytes]:
    inputs = {"page": orjson.dumps(page | {"font": font.family}).decode()}
    with _one_at_a_time:
        made = _compiler(font).compile(
            TEMPLATES / f"{template}.typ", format=format, sys_inputs=inputs, **options
        )
    return made if isinstance(made, list) else [made or b""]


@cache
def _compiler(font: Font) -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[checked(font).folder],
    )
    return typst.Compiler(root=TEMPLATES, font_paths=fonts)
