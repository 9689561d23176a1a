"""Importing a file of indicator figures: all of it, or nothing and every reason at once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from template_service import clock
from template_service.aggregates.indicators import registry as registries
from template_service.aggregates.indicators import store
from template_service.aggregates.indicators.checks import read_value
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.problems import (
    Findings,
    IndicatorsRefused,
    LineProblem,
)
from template_service.aggregates.indicators.tidy import read_lines

# The figures that the programme's report prints, as a file to import: for tests and demonstrations.
PUBLISHED_EXAMPLES: Final = Path(__file__).with_name("published_examples.csv")

_Numbered = list[tuple[int, IndicatorValue]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the file it made (None when nothing was new) and how many figures.

    `replaced` are figures with a key that was there with other numbers or another source;
    `unchanged` were there already. `warnings` are lines somebody should look at.
    """

    file: str | None
    new: int
    replaced: int
    unchanged: int
    warnings: tuple[LineProblem, ...]


def import_indicators(
    folder: Path,
    path: Path,
    *,
    replace: bool = False,
    registry: registries.Registry | None = None,
) -> Imported:
    """Import a tidy CSV (docs/reference/indicators.md) into the folder of aggregates.

    The same file again changes nothing. A figure that differs from the current one of its key is
    refused unless `replace`. Raises IndicatorsRefused with every problem and its line, Malformed
    when the file cannot be opened, Unavailable when it cannot be kept: nothing is kept then.
    """
    findings = Findings(path.name)
    numbered = _read(path, registry or registries.registry(), findings)
    _refuse(findings)
    with store.importing(folder):
        current = {value.key: value for value in store.current_values(folder, {})}
        changed = [(line, value) for line, value in numbered if current.get(value.key) != value]
        replaced = [(line, value) for line, value in changed if value.key in current]
        if not replace:
            _file_conflicts(replaced, findings)
            _refuse(findings)
        made = store.keep(folder, [value for _, value in changed]) if changed else None
    return Imported(
        file=made,
        new=len(changed) - len(replaced),
        replaced=len(replaced),
        unchanged=len(numbered) - len(changed),
        warnings=tuple(findings.warnings),
    )


def _read(path: Path, registry: registries.Registry, findings: Findings) -> _Numbered:
    today = clock.today()
    first_lines: dict[object, int] = {}
    numbered: _Numbered = []
    for line in read_lines(path, findings):
        value = read_value(line, registry, today, findings)
        if value is None:
            continue
        first = first_lines.setdefault(value.key, line.number)
        if first != line.number:
            findings.add("", f"gives the figure of line {first} again", "duplicate")
        numbered.append((line.number, value))
    if not numbered and not findings.errors:
        findings.line = 0
        findings.add("", "holds no figures", "structure")
    return numbered


def _file_conflicts(replaced: _Numbered, findings: Findings) -> None:
    for line, _ in replaced:
        findings.line = line
        what = "differs from the figure imported before; ask for replacement to put it in its place"
        findings.add("", what, "conflict")


def _refuse(findings: Findings) -> None:
    if findings.errors:
        raise IndicatorsRefused(findings.errors)
