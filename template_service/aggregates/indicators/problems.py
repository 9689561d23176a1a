"""What is wrong with a file of indicator figures, and on which line and in which column."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from template_service.errors import Invalid, Unavailable
from template_service.questionnaire.problems import Severity


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One thing wrong at a place of a file; `line` counts from 1, the header included.

    `code` is a FHIR issue-type. `column` is blank when it is about the whole line, `line` 0 when it
    is about the whole file. The words never hold what the file says there.
    """

    severity: Severity
    code: str
    file: str
    line: int
    column: str
    what: str

    @property
    def expression(self) -> str:
        """Blank: a line of a CSV file has no FHIRPath."""
        return ""

    @property
    def message(self) -> str:
        """The place and what is wrong: `file.csv:12: value: is not a number`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.column, self.what) if part)


class IndicatorsRefused(Invalid):
    """A file that is not imported; the message holds every problem, one to a line."""

    title = "The indicator figures cannot be imported"

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        super().__init__("\n".join(each.message for each in problems), problems=problems)


class IndicatorsDamaged(Unavailable):
    """A kept import that is cut short, altered, or not one of ours."""

    title = "The imported indicator figures are damaged"


@dataclass(slots=True)
class Findings:
    """Problems of one file, collected line by line.

    `errors` keep the file from being imported; at `warnings` somebody should look.
    """

    file: str
    line: int = 0
    errors: list[LineProblem] = field(default_factory=list)
    warnings: list[LineProblem] = field(default_factory=list)

    def add(self, column: str, what: str, code: str = "value") -> None:
        """Files one error under the present line."""
        self.errors.append(LineProblem("error", code, self.file, self.line, column, what))

    def warn(self, column: str, what: str) -> None:
        """Files one warning under the present line."""
        problem = LineProblem("warning", "business-rule", self.file, self.line, column, what)
        self.warnings.append(problem)
