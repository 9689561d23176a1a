"""The page is one A4 page, tagged PDF/UA-1, marked as a demonstration, and keeps the never-list."""

import io
import re
from typing import Any

import pikepdf
import pytest

from template_service.aggregates.report.children import children
from template_service.aggregates.report.context import (
    DEMONSTRATION,
    Gap,
    ReportContext,
    Residents,
)
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import Infographic, infographic
from template_service.aggregates.report.slides import slides
from template_service.aggregates.report.wording import FLAG_NAMES
from tests.unit.aggregates.report import made_up

LONG = tuple(
    Gap("help to stay in a home when it is at risk", (*f"Made-up Ward With a Long Name {i}",), 4)
    for i in range(9)
)
CONTEXTS = {
    "deprived": made_up.context(),
    "leafy": made_up.context(
        pcn_code=made_up.LEAFY, pcn_name=made_up.PCN_NAMES[made_up.LEAFY], residents=()
    ),
    "city": made_up.context(pcn_code="", pcn_name=""),
    "long": made_up.context(
        pcn_name="Made-up Very Long Name of Two Valleys and Three Hills PCN", gaps=LONG
    ),
}
NEVER = re.compile(r"suicid|feeling safe|prevalence|composite|practice [A-Z]", re.IGNORECASE)


@pytest.fixture(scope="module")
def page(figures: Figures, about: ReportContext, font: Font) -> Infographic:
    return infographic(figures, about, font)


def structure(element: Any) -> list[Any]:
    """Every element of the structure tree, in reading order."""
    found = [element] if isinstance(element, pikepdf.Dictionary) and "/S" in element else []
    inner: Any = element.get("/K", []) if isinstance(element, pikepdf.Dictionary) else []
    for child in inner if isinstance(inner, pikepdf.Array) else [inner]:
        if isinstance(child, pikepdf.Dictionary):
            found += structure(child)
    return found


def check_pdf_ua(content: bytes, figures: int) -> list[Any]:
    """The machine-checkable marks of PDF/UA-1 (ISO 14289-1); returns the structure elements."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "demonstration: made-up people" in metadata["dc:title"]
        elements = structure(pdf.Root.StructTreeRoot)
        images = [element for element in elements if element.S == "/Figure"]
        assert len(images) == figures
        assert all(len(str(image.Alt)) > 20 for image in images)
        return [str(element.S) for element in elements]


def test_the_page_is_tagged_pdf_ua(page: Infographic) -> None:
    tags = check_pdf_ua(page.pdf(), figures=5)
    headings = [tag for tag in tags if re.fullmatch(r"/H\d", tag)]
    assert headings == ["/H1", *["/H2"] * 7, "/H2"]
    assert "/Table" in tags
    assert "/TH" in tags


def test_the_slides_are_tagged_pdf_ua(figures: Figures, about: ReportContext, font: Font) -> None:
    content = slides(figures, about, font)
    check_pdf_ua(content, figures=5)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert {round(float(p.mediabox[2] / p.mediabox[3]), 3) for p in pdf.pages} == {1.778}
        # A title, the headline, five charts, what changed, gaps, what to do, and the method.
        assert len(pdf.pages) == 11


@pytest.mark.parametrize("name", CONTEXTS)
def test_everything_fits_one_a4_page(figures: Figures, font: Font, name: str) -> None:
    made = infographic(figures, CONTEXTS[name], font)
    with pikepdf.open(io.BytesIO(made.pdf())) as pdf:
        assert [[round(float(edge)) for edge in p.mediabox] for p in pdf.pages] == [
            [0, 0, 595, 842]
        ]


@pytest.mark.parametrize("name", CONTEXTS)
def test_nothing_of_the_never_list_is_said(figures: Figures, font: Font, name: str) -> None:
    assert not NEVER.search(str(infographic(figures, CONTEXTS[name], font).page))


def test_the_childrens_page_is_one_tagged_page(
    figures: Figures, about: ReportContext, font: Font
) -> None:
    made = children(figures, about, font)
    check_pdf_ua(made.pdf(), figures=2)
    with pikepdf.open(io.BytesIO(made.pdf())) as pdf:
        assert len(pdf.pages) == 1
    assert not NEVER.search(str(made.page))
    assert re.match(r"Of the \d+ children under 5 asked about", made.page["headline"])


def test_the_childrens_page_keeps_to_children(
    figures: Figures, about: ReportContext, font: Font
) -> None:
    rows = children(figures, about, font).page["rows"]
    (gaps,), (_, indicators) = rows[3]["blocks"], rows[2]["blocks"]
    assert [text for text in gaps["bullets"] if "carers" not in text] == []
    assert "Life expectancy" not in str(indicators)
    assert "Low birth weight" in str(indicators)


@pytest.mark.parametrize(
    "rows", [[], [made_up.figure(50, 99, breakdown="age_band", category="0-4")]]
)
def test_of_few_children_nothing_is_said(font: Font, rows: list[dict[str, Any]]) -> None:
    made = children(Figures(made_up.table(rows)), made_up.context(residents=()), font)
    assert made.page["headline"].startswith("Too few families")
    assert made.pdf().startswith(b"%PDF")


def test_registered_children_fewer_than_8_are_told_in_words(figures: Figures, font: Font) -> None:
    people = {"0-4": 7, "5-9": 0, "10-14": 1234}
    lists = tuple(Residents("pcn", "child_age", band, number) for band, number in people.items())
    lists += tuple(Residents("pcn", "child_decile", *each) for each in (("1", 5), ("4", 995)))
    lists += tuple(Residents("city", "child_decile", *each) for each in (("1", 300), ("4", 700)))
    made = children(figures, made_up.context(residents=lists), font)
    block = made.page["rows"][0]["blocks"][0]
    registered = [row[1] for row in block["table"]["rows"]]
    assert registered == ["fewer than 8", "fewer than 8", "1,234"]
    most_deprived = "Fewer than 8 of them live in decile 1, the most deprived (Leeds: 30%)."
    assert block["lines"][0] == most_deprived


def test_no_page_promises_that_a_small_count_cannot_be_worked_out(
    page: Infographic, figures: Figures, about: ReportContext, font: Font
) -> None:
    for made in (page, children(figures, about, font)):
        said = str(made.page["rows"][-1])
        assert "Counts below 8 are not printed, because that small they mislead." in said
        assert "All counts of people asked are rounded at random" in said
        assert "left out" not in said
    assert not any("safe" in words for words in FLAG_NAMES.values())


def test_need_stands_beside_coverage(page: Infographic) -> None:
    asked, need, *_ = page.page["tiles"]
    assert asked == {"value": "3,080", "words": "people asked", "note": "8% of 41,000 registered"}
    assert need["words"] == "of them had a need"
    assert page.page["rows"][0]["blocks"][0]["heading"] == "Who was asked"


def test_a_city_without_registered_lists_says_so(font: Font) -> None:
    figures = Figures(made_up.made_up_table(registered=False))
    made = infographic(figures, made_up.context(residents=()), font)
    assert made.page["tiles"][0]["note"] == "Number registered not known"
    _, residents = made.page["rows"][0]["blocks"]
    assert residents["lines"] == ("The registered lists have not been imported.",)


def test_the_demonstration_is_marked_and_the_real_thing_is_not(
    figures: Figures, page: Infographic, font: Font
) -> None:
    assert page.page["demonstration"] == DEMONSTRATION
    real = infographic(figures, made_up.context(demonstration=False), font)
    assert "emonstration: made-up people" not in str(real.page)


def test_small_counts_of_gaps_are_not_printed(figures: Figures, font: Font) -> None:
    gaps = (Gap("food", ("A Ward",), 4),)
    made = infographic(figures, made_up.context(gaps=gaps), font)
    (bullet,) = made.page["rows"][2]["blocks"][1]["bullets"]
    assert bullet == "No service found for food in A Ward (fewer than 8 people)."


def test_where_nobody_was_asked_the_page_says_so(font: Font, about: ReportContext) -> None:
    made = infographic(Figures(made_up.table([])), about, font)
    assert made.page["headline"].startswith("Too few people")
    assert made.pdf().startswith(b"%PDF")


def test_the_same_figures_give_the_same_bytes(
    figures: Figures, about: ReportContext, page: Infographic, font: Font
) -> None:
    assert infographic(figures, about, font).pdf() == page.pdf()


def test_the_png_is_the_page(page: Infographic) -> None:
    assert page.png(ppi=72).startswith(b"\x89PNG")


def test_languages_are_those_of_the_people_asked(font: Font) -> None:
    asked: dict[str, Any] = {"indicator": "asked", "breakdown": "language_group"}
    groups = {"english": 800, "other": 150, "interpreter": 50}
    rows = [made_up.figure(people, None, category=code, **asked) for code, people in groups.items()]
    rows.append(made_up.figure(3, None, category="unknown", **asked))
    rows.append(made_up.figure(1005, None, indicator="asked"))
    made = infographic(Figures(made_up.table(rows)), made_up.context(), font)
    (line,) = made.page["rows"][0]["blocks"][1]["lines"]
    assert line.removeprefix("Languages of the people asked: ") == (
        "English 80%, another language 15% and with an interpreter 5% (other groups: too few to"
        " show)."
    )


def test_a_language_is_not_everybodys_where_the_others_may_not_be_shown(font: Font) -> None:
    asked: dict[str, Any] = {"indicator": "asked", "breakdown": "language_group"}
    rows = [
        made_up.figure(70, None, category="english", **asked),
        made_up.figure(5, None, category="other", **asked),
        made_up.figure(85, None, indicator="asked"),
    ]
    made = infographic(Figures(made_up.table(rows)), made_up.context(), font)
    (line,) = made.page["rows"][0]["blocks"][1]["lines"]
    assert "English 82%" in line


def test_people_not_offered_a_question_are_counted_where_there_is_no_share(font: Font) -> None:
    rows = [made_up.figure(555, None, indicator="not_offered")]
    made = infographic(Figures(made_up.table(rows)), made_up.context(), font)
    lines = made.page["rows"][0]["blocks"][0]["lines"]
    assert "555 people were not offered at least one question." in lines


def test_tiles_say_how_an_area_stands(page: Infographic, figures: Figures, font: Font) -> None:
    notes = [tile["note"] for tile in page.page["tiles"][1:]]
    assert all(re.fullmatch(r"Higher than Leeds \(\d+%\)", note) for note in notes)
    city = infographic(figures, made_up.context(pcn_code="", pcn_name=""), font)
    assert re.fullmatch(r"[\d,]+ people", city.page["tiles"][1]["note"])
    nobody = infographic(Figures(made_up.table([])), made_up.context(), font)
    assert nobody.page["tiles"] == []


def test_a_period_over_two_financial_years_says_that_people_may_count_twice(
    figures: Figures, font: Font
) -> None:
    method = infographic(figures, made_up.context(period="2026-03/2026-04"), font)
    assert "two financial years" in str(method.page["rows"][-1])
    assert "two financial years" not in str(infographic(figures, made_up.context(), font).page)
