"""A questionnaire's page as a browser without JavaScript has it: what it would send, and sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.web.staff import Staff

Fields = dict[str, list[str]]


class _Form(HTMLParser):
    """The fields of the form `#questionnaire` as they stand; buttons by their values."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.buttons: list[str] = []
        self.inside = False
        self._area: str | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == "questionnaire"
        if not self.inside:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button" and name == "do":
            self.buttons.append(value)
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self.fields.setdefault(name, []).append("")
        elif tag == "option" and "selected" in given:
            self.fields.setdefault(self._select, []).append(value)
        elif tag == "input" and (
            given.get("type") not in ("radio", "checkbox") or "checked" in given
        ):
            self.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "form":
            self.inside = False


@dataclass(slots=True)
class Filling:
    """Somebody at one questionnaire of one person; `page` is what they look at."""

    staff: Staff
    address: str
    page: TestResponse
    fields: Fields = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls, staff: Staff, person_id: str, questionnaire_id: str, query: str = ""
    ) -> "Filling":
        address = f"/people/{person_id}/questionnaires/{questionnaire_id}{query}"
        made = cls(staff, address, staff.get(address))
        assert made.page.status_code == 200
        made._read()
        return made

    def answer(self, name: str, *texts: str) -> "Filling":
        """Type or tick these texts in a field."""
        self.fields[name] = list(texts)
        return self

    def press(self, button: str) -> TestResponse:
        """Send the form with a button; afterwards this stands on the page that came."""
        sent = {**self.fields, "do": [button]}
        sent.pop("csrf_token", None)
        answer = self.staff.post(self.address, sent)
        moved = answer.status_code == 303
        self.page = self.staff.get(answer.location) if moved else answer
        self._read()
        return answer

    def values(self, name: str) -> list[str]:
        """What stands in a field of the page."""
        return self.fields.get(name, [])

    def _read(self) -> None:
        form = _Form()
        form.feed(self.page.text)
        self.fields, self.buttons = form.fields, form.buttons


def items_of(resource: dict[str, object]) -> Iterator[dict[str, object]]:
    """Every item of a response with what is inside it."""
    waiting = [resource]
    while waiting:
        node = waiting.pop(0)
        for key in ("item", "answer"):
            for each in node.get(key, []):  # type: ignore[attr-defined]
                if key == "item":
                    yield each
                waiting.append(each)
