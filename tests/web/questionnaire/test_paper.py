"""Paper lies about at home: what is printed does not say that anything is kept from it."""

import re
from html.parser import HTMLParser

from template_service.service import Service
from tests.web.conftest import make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_cards_elsewhere import finished, template_saved
from tests.web.questionnaire.test_safety import HARK, MIXED
from tests.web.staff import Staff

NOT_PRINTED = {"no-print", "side", "foot", "bar", "alone", "hide"}
EMPTY = {"input", "link", "meta", "br", "img", "hr"}
HIDING = re.compile(
    r"private note|not shown|not printed|are kept|seen alone|asked alone", re.IGNORECASE
)


class _Paper(HTMLParser):
    """The words of a page that the style sheets for print leave there."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            names = (dict(attrs).get("class") or "").split()
            gone = tag in ("head", "script", "button") or not NOT_PRINTED.isdisjoint(names)
            self.open.append(gone or any(self.open[-1:]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open[-1:]):
            self.words.append(data)


def printed(page: str) -> str:
    paper = _Paper()
    paper.feed(page)
    return " ".join("".join(paper.words).split())


def test_no_page_of_a_questionnaire_says_on_paper_that_something_is_hidden(
    nurse: Staff, service: Service, add_form: AddForm
) -> None:
    person_id = make_person(service)
    template_saved(nurse, person_id)
    needed = {**MIXED[1], "required": True}
    form = add_form("paper", MIXED[0], needed)
    filling = Filling.open(nurse, person_id, form).answer("q:home", "Here")
    asked = filling.page.text
    filling.press("finish")
    finished(nurse, person_id, "hark", **HARK)
    pages = {
        "result": filling.page.text,
        "list": nurse.get(f"/people/{person_id}/questionnaires").text,
        "plan": nurse.get(f"/people/{person_id}/plan").text,
    }
    for name, page in pages.items():
        assert HIDING.search(page), name
        assert HIDING.findall(printed(page)) == [], name
    # The page to fill in asks whether the person is seen alone, and says no more.
    said = re.compile(r"private note|not shown|once saved", re.IGNORECASE)
    assert said.search(asked)
    assert said.findall(printed(asked)) == []


def test_the_private_page_does_not_say_on_paper_what_it_is(nurse: Staff, person_id: str) -> None:
    private = nurse.post(f"/people/{person_id}/private").text
    [said] = re.findall(r'<p class="only-print">([^<]*)</p>', private)
    assert said == "This page is not printed."
