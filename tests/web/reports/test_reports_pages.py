"""What the pages of the reports say: known figures, flags honoured, nobody else's practice."""

import csv
import html
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from template_service.aggregates.report.wording import FLAG_NAMES
from template_service.aggregates.vocabulary import (
    ANY,
    BREAKDOWNS,
    CITY_ONLY_DOMAINS,
    INDICATORS,
    domains,
)
from template_service.service import Service
from template_service.web import reports_compare
from template_service.web.reports_choice import networks
from template_service.web.reports_figures import NO_FIGURE
from tests.web.reports.city import (
    FEWER,
    GROUP,
    NETWORK,
    NOISE,
    OTHER_NETWORK,
    PEOPLE,
    PRACTICE,
    SISTER,
    STRANGER,
)
from tests.web.staff import Staff, words, words_of

SEPTEMBER = "period=2026-09"


def row(page: str, name: str) -> str:
    """The words of the first row of a table that has this name."""
    for found in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL):
        text = words_of(found)
        if text.startswith(f"{name} ") or text == name:
            return text
    raise AssertionError(name)


def test_the_overview_has_the_city_the_networks_by_name_and_the_releases(health: Staff) -> None:
    page = health.get(f"/reports?{SEPTEMBER}").text
    assert "20.0%" in row(page, "Asked")
    assert "1,200 of 6,000" in row(page, "Asked")
    assert "300 of 1,200" in row(page, "Had a need")
    names = re.findall(r'href="/reports/pcn/[^"]+">([^<]+)<', page)
    assert len(names) == 19
    assert names == sorted(names)
    assert page.index("2026-09-002") < page.index("2026-04-001")


def test_any_run_of_months_can_be_chosen(health: Staff) -> None:
    page = health.get("/reports?from=2026-08&to=2026-09")
    assert "August 2026 to September 2026" in words(page)
    assert "2,400 of 6,000" in row(page.text, "Asked")
    assert re.search(r'<option value="2026-08" selected', page.text)


def test_need_stands_after_coverage_on_the_page_of_a_network(health: Staff) -> None:
    page = words(health.get(f"/reports/pcn/{NETWORK}?{SEPTEMBER}"))
    assert "800 of 4,000 registered people were asked (20.0%, similar to the city’s 20.0%)" in page
    assert page.index("registered people were asked") < page.index("Had a need")


def test_the_charts_have_a_sentence_and_a_table_and_ask_nothing_of_the_policy(
    health: Staff,
) -> None:
    page = health.get(f"/reports/pcn/{NETWORK}?{SEPTEMBER}").text
    charts = re.findall(r'<div class="chart" role="img" aria-label="([^"]+)">(<svg.*?</svg>)', page)
    assert len(charts) >= 3
    assert page.count("The figures as a table") == len(charts)
    for sentence, picture in charts:
        assert sentence
        assert not re.search(r"\sstyle=|<style|\srole=|\saria-", picture)


def test_safety_is_on_no_page_of_an_area(health: Staff) -> None:
    for path in ("/reports/city", f"/reports/pcn/{NETWORK}"):
        page = words(health.get(path))
        assert not re.search("safety|suicid", page.split("Download")[0], re.IGNORECASE)


HELD_BACK = {
    FEWER: "Fewer than 8 people",
    GROUP: "Too few people to show this group",
    NOISE: "Too small to tell from rounding",
}


@pytest.mark.parametrize(("decile", "why"), HELD_BACK.items())
def test_a_flagged_figure_says_why_and_has_no_number(health: Staff, decile: str, why: str) -> None:
    page = health.get(f"/reports/gradient?area={OTHER_NETWORK}&{SEPTEMBER}").text
    assert row(page, decile) == f"{decile} {why}"


def test_deciles_that_are_not_shown_leave_no_trace_in_the_drawing(health: Staff) -> None:
    page = health.get(f"/reports/gradient?area={OTHER_NETWORK}&{SEPTEMBER}").text
    drawing = page[page.index('class="slope"') : page.index("<figcaption")]
    assert drawing.count('class="step"') == 1
    assert 'x1="0.00%" x2="100.00%"' in drawing


EXPLORED = [(domain, "need") for domain in (*domains(), ANY)]
EXPLORED += [(ANY, indicator) for indicator in INDICATORS]
WHY = {*FLAG_NAMES.values(), NO_FIGURE}


@pytest.mark.parametrize("area", ["city", OTHER_NETWORK])
@pytest.mark.parametrize("breakdown", BREAKDOWNS)
def test_every_combination_of_the_explorer_is_a_page_and_a_row_without_a_share_says_why(
    health: Staff, area: str, breakdown: str
) -> None:
    for domain, indicator in EXPLORED:
        page = health.get(
            f"/reports/gradient?area={area}&domain={domain}&indicator={indicator}"
            f"&breakdown={breakdown}"
        )
        assert page.status_code == 200, (domain, indicator)
        for why in re.findall(r'<td class="[^"]*why"[^>]*>([^<]*)</td>', page.text):
            told = re.fullmatch(r"[\d,]+ people( \(registered: not known\))?", why)
            assert why in WHY or (told and indicator in {"asked", "not_offered"})


@pytest.mark.parametrize("path", ["gradient", "equity"])
def test_safety_below_the_city_is_refused_in_words(health: Staff, path: str) -> None:
    page = words(health.get(f"/reports/{path}?area={NETWORK}&domain=safety"))
    assert "published for the whole city only, to protect people" in page
    assert "%" not in page.split("to protect people")[1]
    assert "50 of" not in page


def test_gaps_never_break_safety_down(health: Staff) -> None:
    for kind in ("pcn", "ward"):
        page = health.get(f"/reports/gaps?by={kind}&domain=safety").text
        assert "published for the whole city only" in words_of(page)
        assert row(page, "Leeds")
        assert "Beeston PCN" not in page
        assert "Armley" not in page


def test_equity_shows_the_work_by_group(health: Staff) -> None:
    page = health.get(f"/reports/equity?breakdown=sex&{SEPTEMBER}").text
    assert "180 of 1,200" in row(page, "Female")
    assert "Fewer than 8 people" in row(page, "Male")
    head = row(page, "Sex")
    for step in ("Asked", "Declined", "Wanted help", "Told about a service", "Referred", "Helped"):
        assert step in head


def test_gaps_stand_by_network_and_by_ward_in_order_of_name(health: Staff) -> None:
    by_network = health.get(f"/reports/gaps?{SEPTEMBER}").text
    assert "120 of 800" in row(by_network, "Beeston PCN")
    assert NO_FIGURE in row(by_network, "Yeadon PCN")
    by_ward = health.get(f"/reports/gaps?by=ward&{SEPTEMBER}").text
    assert "90 of 600" in row(by_ward, "Armley")
    names = re.findall(r'<th scope="row" [^>]*>([^<]+)<', by_ward)[1:34]
    assert names == sorted(names)


def test_a_practice_sees_itself_its_network_and_the_city(doctor_here: Staff) -> None:
    page = doctor_here.get(f"/reports?{SEPTEMBER}")
    assert "Your practice beside its PCN and Leeds" in words(page)
    assert row(page.text, "Step") == "Step Your practice Beeston PCN Leeds"
    assert row(page.text, "Home").count("25.0%") == 3
    for people in ("50 of 200", "200 of 800", "300 of 1,200"):
        assert people in row(page.text, "Home")
    assert "200 of 1,000" in row(page.text, "Asked")
    assert "Counts below 8 are not printed, because that small they mislead." in words(page)
    assert "Safety" not in words(page)


def test_a_practice_sees_no_other_practice(somebody: Callable[[str], Staff]) -> None:
    asked = f"/reports?practice={STRANGER}&area={STRANGER}&{SEPTEMBER}"
    nurse, elsewhere = somebody("nurse").get(asked), somebody("elsewhere").get(asked)
    for page in (nurse.text, elsewhere.text):
        for code in (PRACTICE, SISTER, STRANGER):
            assert code not in page.split("<main")[1]
    assert "Beeston PCN" in nurse.text
    assert "Beeston PCN" not in elsewhere.text
    assert "Armley PCN" in elsewhere.text
    for path in (f"/reports/practice/{STRANGER}", f"/reports/practice/{PRACTICE}"):
        assert somebody("nurse").get(path).status_code == 404


def test_indicators_say_what_is_there(health: Staff) -> None:
    page = health.get("/reports/indicators").text
    assert "In development" in row(page, "14 Households in fuel poverty")
    life = words(health.get("/reports/indicators/1"))
    assert "77.6" in life
    assert "Not published by the programme yet" in life
    beside = words(health.get("/reports/indicators/12"))
    assert "Leeds, August 2026 to September 2026: people with a need" in beside
    assert "2026-08" not in beside
    assert "registered people were asked" in beside
    assert "neither is the cause of the other" in beside


def test_an_indicator_is_drawn_and_named_in_words(health: Staff) -> None:
    page = health.get("/reports/indicators/1").text
    said = words_of(page)
    assert "Leeds, 2020-2022, by deprivation decile (IMD 2019) and sex" in said
    assert "Life expectancy at birth by deprivation decile (IMD 2019) and sex" in said
    found = re.findall(
        r"<tr>\s*<th[^>]*>Leeds</th>\s*<td[^>]*>([^<]+)</td>\s*<td[^>]*>([^<]+)<", page
    )
    assert dict(found) == {
        "Decile 1, female": "77.6",
        "Decile 1, male": "73",
        "Decile 10, female": "86.9",
        "Decile 10, male": "83",
    }
    assert not re.search(r"imd.decile|\d/(fe)?male", page)
    ((sentence, picture),) = re.findall(
        r'<div class="chart" role="img" aria-label="([^"]+)">(<svg.*?</svg>)', page, re.DOTALL
    )
    assert "decile 10 86.9" in sentence
    assert not re.search(r"\sstyle=|<style|\srole=|\saria-", picture)


def test_the_figure_of_everybody_alone_is_a_table_without_a_chart(health: Staff) -> None:
    page = health.get("/reports/indicators/5").text
    assert "Leeds, 2022/23" in words_of(page)
    assert "58.3" in row(page, "Leeds")
    assert 'class="chart"' not in page


def test_a_release_says_how_it_was_made_and_stands_beside_the_one_before(health: Staff) -> None:
    page = health.get("/reports/releases/2026-09-002")
    text = words(page)
    assert "Passed: no cell could be found out" in text
    assert "Multiples of 5" in text
    assert "2026-04-001" in row(page.text, "Step")
    first = health.get("/reports/releases/2026-04-001").text
    assert "There is no earlier release" in words_of(first)
    chosen = health.get("/reports/releases/2026-04-001?with=2026-09-002").text
    assert "2026-09-002" in row(chosen, "Step")


def test_no_count_of_a_practice_is_on_a_page_for_everybody(health: Staff) -> None:
    own = f"{PEOPLE['need']} of {PEOPLE['asked']}"
    for path in ("/reports", "/reports/city", f"/reports/pcn/{NETWORK}", "/reports/gaps"):
        assert own not in words(health.get(f"{path}?{SEPTEMBER}"))


def test_two_networks_and_two_periods_can_be_compared(health: Staff) -> None:
    page = health.get(f"/reports/compare?left={NETWORK}&right={OTHER_NETWORK}&{SEPTEMBER}").text
    assert "200 of 800" in row(page, "Had a need")
    assert "100 of 400" in row(page, "Had a need")
    assert "Not clearly different" in row(page, "Had a need")
    periods = "period=2026-08&period2=2026-09"
    page = health.get(f"/reports/compare?left={NETWORK}&{periods}").text
    assert "Beeston PCN: August 2026 and September 2026" in words_of(page)


def test_the_comparison_opens_with_the_first_two_networks_that_have_figures(health: Staff) -> None:
    page = health.get("/reports/compare")
    assert page.status_code == 200
    assert "Choose two networks in one period" in words(page)
    assert "Here are the first two networks that have figures, in order of name" in words(page)
    assert "August 2026 to September 2026: Armley PCN and Beeston PCN" in words(page)
    for code in (NETWORK, OTHER_NETWORK):
        assert f'<option value="{code}" selected' in page.text


def test_where_one_network_has_figures_the_comparison_opens_with_two_months(
    released: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    service: Service = released.extensions["template_service"]
    found = service.figures()
    beeston = [place for place in networks(found) if place.code == NETWORK]
    monkeypatch.setattr(reports_compare, "networks", lambda _: beeston)
    sides = reports_compare._first.__wrapped__(found)
    assert (sides.left.name, sides.right.name) == ("Leeds", "Leeds")
    assert (str(sides.period), str(sides.other)) == ("2026-08", "2026-09")


def test_two_sides_that_are_the_same_are_explained(health: Staff) -> None:
    page = words(health.get(f"/reports/compare?left=city&right=city&{SEPTEMBER}"))
    assert "Both sides of the comparison are the same" in page
    assert "Choose another network, or another period, for one of them" in page


def test_a_comparison_is_a_file_too_with_every_row_of_the_page(health: Staff) -> None:
    page = health.get(f"/reports/compare?left={NETWORK}&right={OTHER_NETWORK}&{SEPTEMBER}").text
    (address,) = re.findall(r'href="([^"]+)" download', page)
    answer = health.get(html.unescape(address))
    told = answer.headers["Content-Disposition"]
    assert told == f'attachment; filename="comparison-{NETWORK}-{OTHER_NETWORK}-2026-09.csv"'
    assert answer.content_type.startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))
    assert rows[0][2:7] == [
        f"Beeston PCN: {part}" for part in ("share", "from", "to", "people", "of people")
    ]
    for domain, step, share, *_ in rows[1:]:
        # At least one need stands in a table of its own, without the part of life.
        name = step if domain == "At least one need" else f"{domain} {step}"
        assert share == "" or f"{100 * float(share):.1f}%" in row(page, name)
    assert len(rows) - 1 == len(INDICATORS) * (1 + len({*domains()} - {*CITY_ONLY_DOMAINS}))


@pytest.mark.parametrize(
    "asked",
    [
        f"left={NETWORK}&right={NETWORK}",
        f"left={NETWORK}&right=city",
        f"left={NETWORK}&right={OTHER_NETWORK}&period=2026-08&period2=2026-09",
        f"left={NETWORK}&period=2026-08/2026-09&period2=2026-09",
    ],
)
def test_what_cannot_be_compared_is_said_above_the_choice(health: Staff, asked: str) -> None:
    page = health.get(f"/reports/compare?{asked}")
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert "Difference" not in words(page)
