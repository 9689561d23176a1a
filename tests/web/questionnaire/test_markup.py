"""Texts of other people's questionnaires do no harm: nothing of theirs runs or loads."""

from typing import Any

import pytest
from markupsafe import Markup, escape

from template_service.web.questionnaire_markup import rich_text
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.staff import Staff

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
EVIL_URI = '"><script>alert(1)</script>'
RENDERINGS = "http://hl7.org/fhir/StructureDefinition"


def rendered(**given: str) -> dict[str, Any]:
    kinds = {"xhtml": "valueString", "markdown": "valueMarkdown"}
    extension = [
        {"url": f"{RENDERINGS}/rendering-{name}", kinds[name]: text} for name, text in given.items()
    ]
    return {"text": "Plain words", "_text": {"extension": extension}}


@pytest.mark.parametrize(
    ("element", "shown"),
    [
        (rendered(xhtml="<div><b>Bold</b> words</div>"), "<div><b>Bold</b> words</div>"),
        (rendered(xhtml="<p style='x' class='y' id='z'>Words</p>"), "<p>Words</p>"),
        (rendered(xhtml="<p onclick='x()'>Words<script>x()</script></p>"), "<p>Words</p>"),
        (rendered(xhtml="<img src='https://x.example/y'/>"), "Plain words"),
        (
            rendered(xhtml='<a href="javascript:x()">Words</a>'),
            '<a rel="noopener noreferrer">Words</a>',
        ),
        (rendered(markdown="**Bold** words"), "<p><strong>Bold</strong> words</p>\n"),
        (
            rendered(markdown="<b onclick=x()>Words</b>"),
            "<p>&lt;b onclick=x()&gt;Words&lt;/b&gt;</p>\n",
        ),
        (rendered(markdown="[Words](javascript:x)"), "<p>[Words](javascript:x)</p>\n"),
        ({"text": "<b>Words</b>"}, "&lt;b&gt;Words&lt;/b&gt;"),
        ({"text": 7}, ""),
        ({"_text": "odd"}, ""),
    ],
)
def test_only_marks_that_do_no_harm_are_left(element: dict[str, Any], shown: str) -> None:
    assert str(escape(rich_text(element))) == shown


def test_a_label_holds_words_only() -> None:
    element = rendered(
        xhtml="<div><p>Some <b>words</b></p><table><tr><td>x</td></tr></table></div>"
    )
    assert rich_text(element, words=True) == Markup("Some <b>words</b>x")


def test_no_text_of_a_questionnaire_breaks_out(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    options = [{"valueCoding": {"system": EVIL_URI, "code": EVIL, "display": EVIL}}]
    inside: list[dict[str, Any]] = [
        {"linkId": EVIL, "type": "open-choice", "text": EVIL, "answerOption": options},
        {
            "linkId": f"{EVIL}2",
            "type": "string",
            "text": EVIL,
            "prefix": EVIL,
            "repeats": True,
            "initial": [{"valueString": EVIL}],
            "enableWhen": [
                {
                    "question": EVIL,
                    "operator": "=",
                    "answerCoding": {"system": EVIL_URI, "code": EVIL},
                }
            ],
        },
        {"linkId": "told", **rendered(xhtml=EVIL), "type": "display"},
        {
            "linkId": "n",
            "type": "quantity",
            "text": "N",
            "extension": [
                {
                    "url": f"{RENDERINGS}/questionnaire-unit",
                    "valueCoding": {"code": EVIL, "display": EVIL},
                },
                {"url": f"{RENDERINGS}/entryFormat", "valueString": EVIL},
            ],
        },
    ]
    group = {"linkId": "g", "type": "group", "text": EVIL, "item": inside}
    form = add_form("evil", group, title=EVIL)
    filling = Filling.open(nurse, person_id, form)
    filling.answer(f"q:{EVIL}", EVIL).answer(f"q0:{EVIL}2", EVIL)
    filling.press("save")
    pages = [filling.page, nurse.get(f"/people/{person_id}/questionnaires")]
    filling.press("finish")
    pages.append(filling.page)
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    styles = nurse.get(f"/questionnaires/{form}.css").text
    assert "<script>" not in styles
