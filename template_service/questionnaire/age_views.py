"""Views of a template for people of an age: the same items, with some rows folded away.

A display rule and nothing else (rules.md, rule 15): every answer counts in every view, a row with
an answer is shown in all of them, and no view leaves out safety.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.extensions import extensions, value, values


@dataclass(frozen=True, slots=True)
class AgeView:
    """One view: its code and title, the ages in whole years it is for, the domains it folds away.

    `youngest` and `oldest` belong to it; None is without end.
    """

    code: str
    title: str
    youngest: int | None
    oldest: int | None
    leaves_out: tuple[str, ...]

    def is_for(self, age: int) -> bool:
        """Whether somebody of this age begins with the view."""
        return (self.youngest is None or self.youngest <= age) and (
            self.oldest is None or age <= self.oldest
        )


def age_views(resource: Mapping[str, Any]) -> tuple[AgeView, ...]:
    """The views of a Questionnaire, in its order; one without a code or a title is passed over."""
    return tuple(_views(resource))


def _views(resource: Mapping[str, Any]) -> Iterator[AgeView]:
    for extension in extensions(resource, "sdoh-age-view"):
        code = value(extension, "code", "valueCode")
        title = value(extension, "title", "valueString")
        if code and title:
            yield AgeView(
                code=code,
                title=title,
                youngest=value(extension, "from", "valueInteger"),
                oldest=value(extension, "to", "valueInteger"),
                leaves_out=values(extension, "leavesOut", "valueCode"),
            )
