"""The service's own extensions: a misspelt one marks nothing, so it is an error."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.questionnaire.checking.conftest import Json, coded, item

Said = Callable[..., list[tuple[str, str, str]]]
OURS = "https://template-service.example/fhir/StructureDefinition"
THEIRS = "https://example.org/StructureDefinition"
CARD: dict[str, Json | None] = {
    "card": {"valueCoding": {"code": "help", "display": "Help"}},
    "gate": {"valueCode": "seen-alone"},
    "derived": {"valueBoolean": True},
    "owner": {"valueString": "clinician, same day"},
    "ownerRole": {"valueCode": "clinician"},
    "action": {"valueString": "Ring them"},
    "need": {"valueCode": "domestic-abuse"},
}
AT = "Questionnaire.item[0].extension[1]"


def card(**parts: Json | None) -> Json:
    """The card with other parts, or without those that are None."""
    given = {name: part for name, part in (CARD | parts).items() if part is not None}
    listed = [{"url": name.rstrip("_"), **part} for name, part in given.items()]
    return {"url": f"{OURS}/sdoh-urgent-card", "extension": listed}


def safety(*extensions: Json, of_yes: tuple[Json, ...] = (), base: str = OURS) -> Json:
    masked = {"url": f"{base}/sdoh-masked", "valueBoolean": True}
    urgent = {"url": f"{base}/sdoh-urgent", "valueCode": "help"}
    options = [coded("yes", extension=[urgent, *of_yes]), coded("no")]
    return item("q", "choice", answerOption=options, extension=[masked, *extensions])


def need(code: Any) -> Json:
    return {"url": f"{OURS}/sdoh-need", "valueCode": code}


def test_a_sound_card(said: Said) -> None:
    assert said(safety(card(), of_yes=(need("domestic-abuse"),))) == []
    assert said(safety(card(gate=None, ownerRole=None, need=None))) == []


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"need": {"valueCode": "domestic-abus"}}, "'domestic-abuse' may be meant"),
        ({"need": {"valueString": "domestic-abuse"}}, "needs a valueCode"),
        ({"ownerRole": {"valueCode": "clinican"}}, "'clinician' may be meant"),
        ({"ownerRole": {"valueCode": "link_worker"}}, "no code known for"),
        ({"gate": {"valueCode": "seenalone"}}, "'seen-alone' may be meant"),
        ({"owner": {"valueString": " "}}, "needs a valueString"),
        ({"owner": {"valueCode": "clinician"}}, "needs a valueString"),
        ({"derived": {"valueBoolean": "true"}}, "needs a valueBoolean"),
        ({"neeed": {"valueCode": "debt"}}, "'need' may be meant"),
        ({"shade": {"valueCode": "red"}}, "'shade' is no part of sdoh-urgent-card."),
    ],
)
def test_what_a_card_says_in_vain_is_an_error(
    said: Said, parts: dict[str, Json], message: str
) -> None:
    [(severity, place, text)] = said(safety(card(**parts)))
    index = [*(CARD | parts)].index(next(iter(parts)))
    assert (severity, place) == ("error", f"{AT}.extension[{index}]")
    assert message in text
    assert text.startswith("'q': ")


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("owner", "has no 'owner', so nobody is named to act"),
        ("action", "has no 'action', so nobody is told what to do"),
        ("derived", "has no 'derived'"),
    ],
)
def test_what_a_card_does_not_say(said: Said, part: str, message: str) -> None:
    [(severity, place, text)] = said(safety(card(**{part: None})))
    assert (severity, place) == ("warning", AT)
    assert message in text


def test_a_part_said_twice(said: Said) -> None:
    [(severity, place, text)] = said(safety(card(owner_={"valueString": "nobody"})))
    assert (severity, place) == ("warning", AT)
    assert "more than one 'owner'; only the first is read" in text


@pytest.mark.parametrize("base", [OURS, THEIRS, "urn:deployer"])
@pytest.mark.parametrize("name", ["sdoh-maksed", "shod-masked", "SDOH-Masked", "sdoh_masked"])
@pytest.mark.parametrize("at", ["", "item[0]", "item[0].answerOption[1]"])
def test_a_misspelt_extension(said: Said, base: str, name: str, at: str) -> None:
    misspelt = {"url": f"{base}/{name}", "valueBoolean": True}
    question, head = safety(card()), {}
    if not at:
        head = {"extension": [misspelt]}
    elif at == "item[0]":
        question["extension"].append(misspelt)
    else:
        question["answerOption"][1]["extension"] = [misspelt]
    [(severity, place, text)] = said(question, **head)
    assert severity == "error"
    assert place.startswith(f"Questionnaire.{at}".rstrip("."))
    assert f"'{name}' is no extension known here" in text
    assert "'sdoh-masked' may be meant" in text


def test_any_other_name_under_our_base_is_an_error(said: Said) -> None:
    other = {"url": f"{OURS}/private", "valueBoolean": True}
    [(severity, _, text)] = said(item("q", extension=[other]))
    assert severity == "error"
    assert "'private' is no extension known here, so it marks nothing." in text


def test_a_name_like_ours_under_a_base_of_ours(said: Said) -> None:
    secret = {"url": f"{THEIRS}/sdoh-confidential", "valueBoolean": True}
    [(severity, _, _)] = said(item("q", extension=[secret]))
    assert severity == "warning"
    [(severity, _, _)] = said(safety(card(), base=THEIRS), item("other", extension=[secret]))
    assert severity == "error"


@pytest.mark.parametrize("name", ["sdoh-needs", "sdoh-urgency", "sdoh-domains"])
def test_a_name_nearly_ours_may_be_of_others(said: Said, name: str) -> None:
    def told(base: str) -> str:
        other = {"url": f"{base}/{name}", "valueCode": "food"}
        [(severity, _, text)] = said(item("q", extension=[other]))
        assert "may be meant" in text
        return severity

    assert told("http://acme.org") == "warning"
    assert told(OURS) == "error"


@pytest.mark.parametrize(
    "url",
    [
        "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-need",
        "https://example.org/StructureDefinition/colour",
        "urn:oid:1.2.3",
        "",
        7,
    ],
)
def test_extensions_of_others_are_theirs(said: Said, url: Any) -> None:
    problems = said(safety(card()), item("other", extension=[{"url": url, "valueBoolean": True}]))
    assert not any("known here" in text for _, _, text in problems)


@pytest.mark.parametrize("code", ["domestic-abus", "food bank", 7])
def test_the_need_of_an_option_is_known(said: Said, code: Any) -> None:
    [problem] = [one for one in said(safety(card(), of_yes=(need(code),))) if "need" in one[2]]
    assert problem[:2] == ("error", "Questionnaire.item[0].answerOption[0].extension[1]")


def test_who_may_not_be_sent_is_known(said: Said) -> None:
    seeker = {"url": f"{OURS}/sdoh-seeker", "valueCode": "no-public-fund"}
    [(severity, _, text)] = said(safety(card(), of_yes=(seeker,)))
    assert severity == "error"
    assert "'no-public-funds' may be meant" in text


@pytest.mark.parametrize(
    ("question", "head"),
    [
        (item("q", extension=[need("debt")]), {}),
        (item("q"), {"extension": [need("debt")]}),
        (item("q"), {"extension": [card()]}),
        (item("q", "choice", answerOption=[coded("yes") | {"_x": {"extension": [card()]}}]), {}),
    ],
)
def test_one_that_stands_where_nobody_reads_it(said: Said, question: Json, head: Json) -> None:
    problems = [one for one in said(question, **head) if "where nobody reads it" in one[2]]
    assert [severity for severity, _, _ in problems] == ["error"]


def test_the_card_of_an_option_has_its_needs_from_the_option(said: Said) -> None:
    tick = card(card=None)
    problems = said(safety(card(), of_yes=(tick,)))
    assert [(severity, "sdoh-need" in text) for severity, _, text in problems] == [("error", True)]
    sound = card(card=None, need=None)
    assert said(safety(card(), of_yes=(sound,))) == []
    [(severity, _, text)] = said(safety(card(), of_yes=(sound, sound)))
    assert (severity, "only the first is read" in text) == ("error", True)
