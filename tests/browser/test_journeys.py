"""The main journeys in Chromium, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, expect

from template_service import clock
from tests.browser.journeys import Pages

pytestmark = pytest.mark.browser

OpenPages = Callable[..., Pages]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_damp_a_cold_home_and_no_food_today(open_pages: OpenPages, *, scripts: bool) -> None:
    """Issue 2: the card before saving, a service per need after it, a printed one in 3 actions."""
    pages = open_pages(scripts=scripts)
    pages.add_person()

    expect(pages.card("no_food")).to_be_hidden()
    pages.answer("urgent", "no_food")
    card = pages.card("no_food")
    expect(card).to_be_visible()
    expect(card.locator('a[href^="tel:"]').first).to_be_visible()
    expect(card.get_by_text("check first").first).to_be_visible()

    expect(pages.choice("housing.condition", "damp").locator("xpath=..")).to_be_hidden()
    for link_id, code in (
        ("housing.screen", "need"),
        ("housing.condition", "damp"),
        ("housing.wants-help", "yes-now"),
        ("energy.screen", "need"),
        ("energy.warm", "cost"),
        ("energy.wants-help", "yes-now"),
        ("food.wants-help", "yes-now"),
    ):
        pages.answer(link_id, code)
    assert pages.actions == 8

    pages.actions = 0
    pages.save()
    for need in ("housing", "energy", "food"):
        box = pages.page.locator(f'section[aria-labelledby="need-{need}"]')
        assert box.locator(".svc").count() >= 1
        expect(box.locator(".reasons li").first).to_contain_text("Helps with")
    give = pages.page.locator('section[aria-labelledby="need-housing"] button[name="give"]').first
    pages.press(give)
    pages.page.wait_for_url("**/leaflet")
    if scripts:
        pages.page.evaluate("window.print = () => { document.title = 'printed' }")
        pages.press(pages.page.get_by_role("button", name="Print"))
        assert pages.page.title() == "printed"
        assert pages.actions == 3
    else:
        assert pages.actions == 2  # the browser's own print is the third
        expect(pages.page.get_by_role("button", name="Print")).to_be_hidden()


def test_one_press_from_a_need_to_the_referral_and_on_to_an_outcome(
    open_pages: OpenPages,
) -> None:
    pages = open_pages()
    person_id = pages.add_person()
    pages.answer("housing.screen", "need")
    pages.answer("housing.wants-help", "yes-now")
    pages.save()
    pages.actions = 0
    pages.press(pages.page.get_by_role("link", name=re.compile("Refer to the link worker: Home")))
    assert pages.actions == 1
    page = pages.page
    expect(page.get_by_label("Home")).to_be_checked()
    page.get_by_label("Why, in a sentence").fill("Cold house")
    page.get_by_label("Safe way to contact them").select_option("Phone call")
    page.get_by_label("They agree to this referral").check()
    page.get_by_role("button", name="Send the referral").click()
    expect(page.get_by_text("The referral is on the link workers’ list.")).to_be_visible()

    worker = open_pages("link").page
    worker.goto("/worklist")
    for link in worker.locator(".list a").all():
        if worker.get_by_text("This referral is closed").count() == 0:
            link.click()
            break
    assert person_id
    worker.get_by_role("radio", name="Accepted").check()
    worker.get_by_role("button", name="Save").click()
    worker.get_by_role("radio", name="Completed").check()
    worker.get_by_label("Outcome (when it is completed)").select_option("The need is met")
    worker.get_by_role("button", name="Save").click()
    expect(worker.get_by_text("This referral is closed.")).to_be_visible()


def test_the_side_panel_follows_while_answers_change(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    so_far = pages.page.locator("#so-far")
    expect(so_far).to_contain_text("No needs yet")
    pages.answer("money.screen", "need")
    expect(so_far).to_contain_text("Money")
    expect(so_far).to_contain_text(re.compile(r"\d services? fit"))
    pages.answer("household", "under5")
    pages.answer("housing.screen", "need")
    pages.answer("housing.security", "notice")
    expect(pages.card("family_homeless")).to_be_visible()


def test_the_side_panel_follows_on_a_page_of_very_many_fields(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    pages.page.evaluate(
        """() => document.getElementById("template").insertAdjacentHTML(
            "beforeend", '<input type="hidden" name="x" value="x">'.repeat(1100))"""
    )
    pages.answer("money.screen", "need")
    expect(pages.page.locator("#so-far")).to_contain_text("Money")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_safety_is_asked_only_of_somebody_alone_and_leaves_no_gap(
    open_pages: OpenPages, *, scripts: bool
) -> None:
    pages = open_pages(scripts=scripts)
    pages.add_person()
    row = pages.page.locator('[data-row="safety"]')
    tick = pages.choice("urgent", "unsafe_home")

    def is_hidden() -> None:
        expect(row).to_be_hidden()
        expect(tick).to_be_hidden()
        above = pages.page.locator('[data-row="wellbeing"]').bounding_box()
        below = pages.page.locator('[data-row="access"]').bounding_box()
        assert above is not None
        assert below is not None
        assert abs(above["y"] + above["height"] - below["y"]) < 1

    is_hidden()
    pages.answer("interpreter", "professional")
    is_hidden()
    pages.answer("seen-alone", "true")
    expect(row).to_be_visible()
    pages.answer("urgent", "unsafe_home")
    expect(pages.card("unsafe_home")).to_be_visible()
    expect(pages.card("unsafe_home")).to_contain_text("0808 2000 247")
    pages.answer("safety.screen", "need")
    expect(pages.card("safety_disclosed")).to_be_visible()
    pages.answer("interpreter", "informal")
    is_hidden()
    for card in ("unsafe_home", "safety_disclosed"):
        expect(pages.card(card)).to_be_hidden()
    pages.save()
    expect(pages.page.locator("main")).not_to_contain_text("Afraid")


def test_the_safety_gate_holds_in_a_browser_without_has(open_pages: OpenPages) -> None:
    """The rules of the form's style sheet all need :has(); without them all else is shown."""
    pages = open_pages()
    pages.page.route("**/template/*.css*", lambda route: route.fulfill(body=""))
    pages.page.route(
        "**/static/app.css*",
        lambda route: route.fulfill(
            content_type="text/css",
            body=route.fetch().text().replace("not selector(:has(*))", "(display: block)"),
        ),
    )
    pages.add_person()
    expect(pages.choice("housing.condition", "damp").locator("xpath=..")).to_be_visible()
    expect(pages.card("no_food")).to_be_visible()
    pages.answer("seen-alone", "true")
    for hidden in (
        '[data-row="safety"]',
        '[data-card="unsafe_home"]',
        'input[value="unsafe_home"]',
    ):
        expect(pages.page.locator(hidden)).to_be_hidden()


def test_going_back_brings_no_safety_answer_and_no_seen_alone_back(open_pages: OpenPages) -> None:
    pages = open_pages()
    person_id = pages.add_person()
    for link_id, code in (
        ("interpreter", "no-interpreter"),
        ("seen-alone", "true"),
        ("urgent", "unsafe_home"),
        ("safety.screen", "need"),
        ("safety.hark.afraid", "yes"),
        ("money.screen", "need"),
    ):
        pages.answer(link_id, code)
    pages.save()
    pages.page.go_back()
    pages.page.wait_for_url(f"**/{person_id}/template")
    expect(pages.page.locator('[data-row="safety"]')).to_be_hidden()
    for link_id in ("seen-alone", "interpreter", "safety.screen", "safety.hark.afraid"):
        assert pages.page.locator(f'[name="{link_id}"]:checked').count() == 0
    assert not pages.choice("urgent", "unsafe_home").is_checked()


def test_a_page_the_browser_kept_whole_is_closed_when_it_comes_back(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    for link_id, code in (("seen-alone", "true"), ("safety.screen", "need")):
        pages.answer(link_id, code)
    pages.answer("money.screen", "need")
    pages.page.evaluate(
        "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    )
    expect(pages.page.locator('[data-row="safety"]')).to_be_hidden()
    assert pages.page.locator('[name="seen-alone"]:checked').count() == 0
    assert pages.page.locator('[name="safety.screen"]:checked').count() == 0
    assert pages.choice("money.screen", "need").is_checked()
    _leave(pages)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_under_16_safety_and_suicide_are_asked_of_the_young_person_alone(
    open_pages: OpenPages, *, scripts: bool
) -> None:
    pages = open_pages(scripts=scripts)
    pages.add_person(born_year=str(clock.today().year - 14))
    gated = [
        pages.page.locator('[data-row="safety"]'),
        pages.choice("urgent", "unsafe_home"),
        pages.choice("urgent", "suicidal"),
    ]
    expect(pages.page.get_by_text("Under 16:")).to_be_visible()
    pages.answer("seen-alone", "true")
    pages.answer("who", "parent")
    for part in gated:
        expect(part).to_be_hidden()
    pages.answer("who", "patient")
    for part in gated:
        expect(part).to_be_visible()
    pages.answer("urgent", "suicidal")
    expect(pages.card("suicidal")).to_be_visible()
    pages.answer("interpreter", "informal")
    for part in (*gated, pages.card("suicidal")):
        expect(part).to_be_hidden()
    _leave(pages)


def test_paper_shows_nothing_behind_the_gate_and_no_private_note(open_pages: OpenPages) -> None:
    pages = open_pages()
    person_id = pages.add_person()
    for link_id, code in (("seen-alone", "true"), ("urgent", "unsafe_home")):
        pages.answer(link_id, code)
    pages.answer("safety.screen", "need")
    expect(pages.card("unsafe_home")).to_be_visible()
    pages.page.emulate_media(media="print")
    for part in ('[data-row="safety"]', '[data-card="unsafe_home"]', ".tick.alone"):
        expect(pages.page.locator(part).first).to_be_hidden()
    pages.page.emulate_media(media="screen")
    pages.save()
    pages.page.goto(f"/people/{person_id}/private")
    pages.page.get_by_role("button", name="Nobody else can see this screen").click()
    said = pages.page.locator(".page.private > .box").first
    expect(said).to_be_visible()
    pages.page.emulate_media(media="print")
    for box in pages.page.locator(".page.private > .box").all():
        expect(box).to_be_hidden()
    expect(pages.page.get_by_text("This page is not printed.")).to_be_visible()


def _leave(pages: Pages) -> None:
    """Close the page although something on it is unsaved."""
    pages.page.close(run_before_unload=False)


def test_answers_that_exclude_each_other_do(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    pages.answer("housing.screen", "need")
    pages.answer("housing.condition", "damp")
    pages.answer("housing.condition", "crowded")
    pages.answer("housing.condition", "none")
    expect(pages.choice("housing.condition", "damp")).not_to_be_checked()
    pages.answer("housing.condition", "damp")
    expect(pages.choice("housing.condition", "none")).not_to_be_checked()
    expect(pages.choice("housing.condition", "damp")).to_be_checked()


def test_an_answer_can_be_taken_back(open_pages: OpenPages) -> None:
    pages = open_pages(scripts=False)
    pages.add_person()
    pages.answer("food.screen", "need")
    pages.answer("food.hvs1", "often")
    for name in ("food.hvs1", "food.screen"):
        pages.page.locator(f'[name="clear"][value="{name}"]').click()
        expect(pages.page.locator(f'[name="{name}"]:checked')).to_have_count(0)
    pages.save()
    pages.page.get_by_role("link", name="Template", exact=True).click()
    assert pages.page.locator('[name^="food."]:checked').count() == 0


def test_leaving_with_something_unsaved_asks_first(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    pages.page.on("dialog", answer)
    pages.page.get_by_role("link", name="People", exact=True).click()
    pages.page.wait_for_url("**/people")
    assert asked == []
    pages.page.go_back()
    pages.answer("food.screen", "no-need")
    pages.page.get_by_role("link", name="People", exact=True).click()
    pages.page.wait_for_url("**/people")
    assert asked == ["beforeunload"]


def test_the_whole_journey_by_keyboard_alone(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    page, keys = pages.page, pages.page.keyboard

    def tab_to(selector: str, most: int = 60) -> None:
        for _ in range(most):
            keys.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                shown = page.evaluate("""() => {
                    const box = document.activeElement.getBoundingClientRect();
                    return box.width > 0 && box.top >= 0 && box.bottom <= innerHeight }""")
                assert shown
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    page.evaluate("document.activeElement.blur()")
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    keys.press("Enter")
    tab_to('[name="seen-alone"]')
    keys.press("ArrowRight")
    tab_to('[name="urgent"][value="no_food"]')
    keys.press("Space")
    expect(pages.card("no_food")).to_be_visible()
    tab_to('[name="acknowledge"][value="no_food"]')
    tab_to("textarea")
    keys.type("A dry room")
    tab_to('[name="housing.screen"]')
    keys.press("2")
    expect(pages.choice("housing.screen", "need")).to_be_checked()
    tab_to('[name="housing.condition"][value="damp"]')
    keys.press("Space")
    tab_to('[name="housing.wants-help"]')
    keys.press("Space")
    expect(pages.choice("housing.wants-help", "yes-now")).to_be_checked()
    keys.press("Enter")
    page.wait_for_url("**/plan")
    tab_to('section[aria-labelledby="need-housing"] [name="give"]')
    keys.press("Enter")
    page.wait_for_url("**/leaflet")
    tab_to("[data-print]")


def test_the_error_summary_takes_the_focus(open_pages: OpenPages) -> None:
    pages = open_pages()
    page = pages.page
    page.goto("/people/add")
    page.locator("main form button").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Type the last name").click()
    expect(page.locator("#family_name")).to_be_focused()


def test_the_leaflet_prints_on_one_page_without_a_word_of_safety(open_pages: OpenPages) -> None:
    pages = open_pages()
    pages.add_person()
    for link_id, code in (
        ("seen-alone", "true"),
        ("urgent", "unsafe_home"),
        ("safety.screen", "need"),
        ("safety.wants-help", "yes-now"),
        ("housing.screen", "need"),
        ("housing.condition", "damp"),
        ("housing.wants-help", "yes-now"),
        ("energy.screen", "need"),
        ("energy.wants-help", "yes-now"),
    ):
        pages.answer(link_id, code)
    pages.save()
    for tick in pages.page.locator('#chosen > section [name="service"]').all()[:4]:
        tick.check()
    pages.page.get_by_role("button", name="Print what I chose").click()
    pages.page.wait_for_url("**/leaflet")
    pages.page.emulate_media(media="print")
    text = pages.page.locator("body").inner_text()
    assert "Demonstration: made-up people" in text
    for word in ("safe", "afraid", "domestic", "HARK", "Alex", "Testperson"):
        assert word not in text.replace("Safe", "safe")
    for hidden in ("nav", ".bar", "footer", "[data-print]"):
        expect(pages.page.locator(hidden).first).to_be_hidden()
    after = "getComputedStyle(document.querySelector('.leaflet a'), '::after').content"
    assert pages.page.evaluate(after) == "none"
    pdf = pages.page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
