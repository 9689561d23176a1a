"""The font every chart, page and slide is set in, so that output does not depend on the machine."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import template_service
from template_service.errors import ServiceError

# Where deploy/assets puts the font it installs from npm (`@fontsource/source-sans-3`, OFL 1.1).
INSTALLED = Path(template_service.__file__).parent / "web" / "static" / "vendor" / "fonts"


class FontMissing(ServiceError):
    """The folder of fonts holds no TrueType font, so no report can be drawn."""

    slug = "font-missing"
    title = "The font for charts and reports is not installed"


@dataclass(frozen=True, slots=True)
class Font:
    """A family and the folder its regular and bold TrueType files are in."""

    family: str = "Source Sans 3"
    folder: Path = INSTALLED


@cache
def checked(font: Font) -> Font:
    """The same font. Raises `FontMissing` when its folder has no TrueType file."""
    if not any(font.folder.glob("*.ttf")):
        raise FontMissing(
            "The font for charts and reports is missing: run deploy/assets/install.py"
        )
    return font
