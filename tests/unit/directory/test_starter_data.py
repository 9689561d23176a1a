"""The Leeds starter services: real, sourced, unverified, and without one doubtful number."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import pytest

from directory.model import NEEDS, SYNONYMS, Service, read_service
from directory.starter import LEEDS

ROOT: Final = Path(__file__).parents[3]
SHARED: Final = ROOT.parent / "shared"
COMPILED_ON: Final = date(2026, 11, 22)

LEEDS_CITY: Final = "E08000035"
ENGLAND: Final = "E92000001"
# The two wards that hold most of LS9, the district of the first journey.
LS9_WARDS: Final = {"Burmantofts & Richmond Hill": "E05011388", "Gipton & Harehills": "E05011394"}

MONEY_AND_HOUSING: Final = frozenset(
    {
        "adaptations", "asylum-support", "benefits-advice", "childcare", "crisis-grant",
        "debt-advice", "energy-advice", "food-aid", "food-pantry", "free-school-meals",
        "fuel-voucher", "fuel-voucher-urgent", "healthy-start", "home-energy-efficiency",
        "homelessness-prevention", "homelessness-urgent", "housing-advice",
        "income-maximisation", "overcrowding", "repairs-damp-mould", "tenancy-rights",
    }
)  # fmt: skip
URGENT_NEEDS: Final = (
    "crisis-mental-health",
    "domestic-abuse-urgent",
    "food-aid",
    "fuel-voucher-urgent",
    "homelessness-urgent",
)

# Every number shipped, with words of the title of the source it was read in.
NUMBERS: Final = {
    "999": "Domestic abuse, Centre 56",
    "111": "Urgent mental health support",
    "116 123": "North West Leicestershire",
    "0113 222 4401": "Assessing your social care needs",
    "0113 222 4413": "Permanent accommodation",
    "0113 222 4444": "Latest council update",
    "0113 246 0401": "campaign against domestic abuse in Leeds",
    "0113 348 1903": "AccessBus FAQs",
    "0113 376 0330": "Household Support Fund",
    "0113 376 0336": "If someone I know is being harmed",
    "0113 378 0644": "Leeds City Council, as listed",
    "0113 378 5020": "Special educational needs support in schools",
    "0113 380 4300": "Referrals, Carers Leeds",
    "0113 386 1000": "Money Matters team talk",
    "0113 535 0600": "Leeds Safeguarding Children Partnership",
    "0113 843 2358": "0-19 Public Health Integrated Nursing",
    "0113 843 5683": "0-19 Public Health Integrated Nursing",
    "0113 887 2477": "Forward Leeds drug and alcohol service",
    "0300 123 1100": "Acas helplines, written statement",
    "0300 330 1343": "Healthcare Travel Costs Scheme",
    "0300 330 7010": "Healthy Start is going digital",
    "0303 123 9999": "Accessible health information, RNIB",
    "0330 678 4000": "What is the patient transport service",
    "0345 345 4345": "Legal aid, Legal Choices",
    "0800 060 7567": "LEAP",
    "0800 100 900": "Skills Toolkit",
    "0800 1111": "Get comfortable: who can help",
    "0800 138 1625": "24 hour helpline launched to fight hate crime",
    "0800 144 8444": "Universal Credit, Leeds City Council",
    "0800 188 4000": "Latest council update",
    "0800 4 70 80 90": "Launch of the Silver Line",
    "0808 2000 247": "Get comfortable: who can help",
    "0808 208 2138": "Cost of living crisis",
    "0808 223 1133": "can't afford to top up your prepayment meter, Citizens Advice",
    "0808 801 0327": "Get comfortable: who can help",
    "0808 8020 133": "National Gambling Helpline is now open",
    "0808 808 1677": "Cruse receives funding boost",
}

# Stale, unverified or contradicted in the city's list of services, or found contradicted since.
DOUBTFUL: Final = (
    "07891273939", "01133788366", "01132224412", "01132459445", "01132380316", "07712106378",
    "01133760469", "08088004444", "08001381111", "01133760452", "07771517135", "08088005000",
    "leeds.sos@cgl.org.uk",
)  # fmt: skip

# Ofcom national numbering plan: geographic, 03, freephone and mobile; the short codes; Childline.
_UK_NUMBER: Final = re.compile(r"999|111|116123|08001111|0(1\d|3\d|7\d|80)\d{7,8}")


@pytest.fixture(scope="module")
def records() -> list[dict[str, object]]:
    loaded: list[dict[str, object]] = json.loads((LEEDS / "services.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def services(records: list[dict[str, object]]) -> list[Service]:
    return [read_service(record) for record in records]


def _reachable(service: Service) -> bool:
    return bool(service.phone or service.url or service.email or service.address)


def _open_to_an_adult(service: Service, ward: str | None = None) -> bool:
    """Whether a 40-year-old of Leeds may use it, whatever their sex; in `ward` when given."""
    areas = {LEEDS_CITY, ENGLAND} | ({ward} if ward else set())
    return (
        service.status == "active"
        and service.sex is None
        and not set(service.service_area).isdisjoint(areas)
        and (service.minimum_age or 0) <= 40 <= (service.maximum_age or 130)
    )


def _plain(text: str) -> str:
    """Text without what people put between digits, so that no spelling hides a number."""
    return re.sub(r"[\s()\-.]", "", text.lower()).replace("+44", "0")


def _shipped_texts() -> Iterator[tuple[str, str]]:
    for name in ("services.json", "needs.json", "SERVICES.md"):
        yield name, (LEEDS / name).read_text("utf-8")


def test_there_are_enough_services_and_no_name_twice(services: list[Service]) -> None:
    assert len(services) >= 45
    assert len({service.name for service in services}) == len(services)


def test_ids_are_uuid5_of_the_name(services: list[Service]) -> None:
    for service in services:
        assert service.id == str(uuid5(NAMESPACE_URL, f"urn:template-service:leeds:{service.name}"))
    assert len({service.id for service in services}) == len(services)


@pytest.mark.parametrize("need", sorted(NEEDS))
def test_every_need_has_a_service_an_adult_of_leeds_can_reach(
    services: list[Service], need: str
) -> None:
    fitting = [s for s in services if need in s.needs and _open_to_an_adult(s)]
    assert any(_reachable(service) for service in fitting)


@pytest.mark.parametrize("ward", LS9_WARDS.values(), ids=LS9_WARDS)
@pytest.mark.parametrize(
    "need",
    [
        "repairs-damp-mould", "energy-advice", "home-energy-efficiency", "fuel-voucher",
        "food-aid", "food-pantry",
    ],
)  # fmt: skip
def test_the_first_journey_finds_a_service_in_ls9(
    services: list[Service], need: str, ward: str
) -> None:
    fitting = [s for s in services if need in s.needs and _open_to_an_adult(s, ward)]
    assert any(_reachable(service) and not service.tenures for service in fitting)


@pytest.mark.parametrize("need", URGENT_NEEDS)
def test_urgent_needs_have_one_that_acts_today_and_does_not_count_as_public_funds(
    services: list[Service], need: str
) -> None:
    today = [s for s in services if need in s.needs and s.urgent_today and _open_to_an_adult(s)]
    assert any(s.public_funds == "no" and (s.phone or s.drop_in) for s in today)


def test_whatever_acts_today_can_be_reached(services: list[Service]) -> None:
    for service in services:
        assert not service.urgent_today or _reachable(service), service.name


def test_the_national_lines_of_the_urgent_cards_are_there(services: list[Service]) -> None:
    national = {phone.number for s in services if s.national for phone in s.phone}
    assert {"999", "111", "116 123", "0808 2000 247"} <= national


def test_every_service_says_where_it_was_read(services: list[Service]) -> None:
    for service in services:
        assert service.sources, service.name
        days = [source.seen_on for source in service.sources if source.seen_on]
        assert all(source.title for source in service.sources)
        assert all(day <= COMPILED_ON for day in days)
        assert service.seen_on == max(days, default=None), service.name
        # What nobody read now must say so before someone relies on it.
        assert service.seen_on or service.caution, service.name


def test_nothing_is_verified(services: list[Service]) -> None:
    for service in services:
        assert service.verified_on is None
        assert not service.verified_by
        assert not service.verified_source
        assert service.review_by is not None


def test_no_contact_means_a_caution(services: list[Service]) -> None:
    for service in services:
        assert _reachable(service) or service.caution, service.name


def test_public_funds_is_stated_everywhere(
    records: list[dict[str, object]], services: list[Service]
) -> None:
    # Stated in the record, not defaulted: a missing answer must not read as "unknown".
    assert all(record.get("public_funds") in {"yes", "no", "unknown"} for record in records)
    by_name = {service.name: service for service in services}
    for name in ("Local Welfare Support Scheme", "Leeds Housing Options", "Leeds Homes Register"):
        assert by_name[name].public_funds == "yes"
    # A grant of the council's and a council home are public funds: nothing else meets these two.
    for need in sorted(MONEY_AND_HOUSING - {"crisis-grant", "overcrowding"}):
        assert any(need in s.needs and s.public_funds == "no" for s in services), need


def test_phone_numbers_are_uk_numbers_read_in_a_source_of_their_service(
    services: list[Service],
) -> None:
    shipped = set()
    for service in services:
        for phone in service.phone:
            shipped.add(phone.number)
            assert re.fullmatch(r"\d+( \d+)*", phone.number), phone.number
            assert _UK_NUMBER.fullmatch(phone.number.replace(" ", "")), phone.number
            words = NUMBERS[phone.number]
            assert any(words in source.title for source in service.sources), service.name
    assert shipped == set(NUMBERS)


def test_no_number_hides_in_a_text(records: list[dict[str, object]]) -> None:
    # A number in a sentence would escape the list above, the checks and the curators' ringing.
    allowed = {number.replace(" ", "") for number in NUMBERS}
    for record in records:
        for key in ("description", "caution", "eligibility", "exclusions", "opening_hours", "cost"):
            for found in re.findall(r"\b0[\d ]{8,}\d", str(record[key] or "")):
                assert found.replace(" ", "") in allowed, (record["name"], found)


@pytest.mark.parametrize("doubtful", DOUBTFUL)
def test_no_doubtful_contact_is_shipped(doubtful: str) -> None:
    for name, text in _shipped_texts():
        assert _plain(doubtful) not in _plain(text), name


def test_no_number_the_city_list_doubts_is_shipped() -> None:
    path = SHARED / "content" / "services_leeds.csv"
    if not SHARED.exists():
        pytest.skip("the shared content is not beside the project")
    doubted = set()
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            cells = " ".join(row[key] or "" for key in ("status", "source", "caution"))
            whole_row = re.search(r"CONFLICT|STALE|UNVERIFIED", row["status"] + row["source"])
            text = " ".join(value or "" for value in row.values()) if whole_row else cells
            doubted |= {re.sub(r"\s", "", n) for n in re.findall(r"0\d[\d ]{7,}\d", text)}
    assert len(doubted) >= 8
    for name, text in _shipped_texts():
        assert not [number for number in doubted if number in _plain(text)], name


def test_links_are_https(services: list[Service]) -> None:
    for service in services:
        for url in (service.url, *(source.url for source in service.sources)):
            assert not url or re.fullmatch(r"https://[a-z0-9.\-]+\.[a-z]+(/\S*)?", url), url


def test_descriptions_are_short(services: list[Service]) -> None:
    for service in services:
        sentences = re.findall(r"[.!?](?:\s|$)", service.description)
        assert 1 <= len(sentences) <= 2, service.name
        assert len(service.description.split()) <= 40, service.name


def test_areas_are_england_leeds_or_its_wards(services: list[Service]) -> None:
    with (LEEDS / "areas.csv").open(encoding="utf-8", newline="") as rows:
        known = {row["code"] for row in csv.DictReader(rows)} | {ENGLAND, LEEDS_CITY}
    for service in services:
        # Empty means that no source says where: shown as "check first", so it must carry a caution.
        assert service.service_area or service.caution, service.name
        assert set(service.service_area) <= known, service.name
        assert not service.national or service.service_area == (ENGLAND,)


def test_single_sex_services_are_about_violence_and_abuse(services: list[Service]) -> None:
    # Equality Act 2010, schedule 3, paragraph 27: restrict only where the service itself does.
    for service in services:
        if service.sex:
            assert {"domestic-abuse", "sexual-violence"} & set(service.needs), service.name


def test_a_line_for_professionals_answers_no_need(services: list[Service]) -> None:
    without = [service.name for service in services if not service.needs]
    assert without == ["Leeds children's Duty and Advice team"]


def test_need_phrases_read_after_helps_with() -> None:
    for phrase in NEEDS.values():
        assert phrase == phrase.strip()
        assert not phrase.endswith(".")
        assert len(phrase) <= 60
    expected = SHARED / "content" / "need_categories.json"
    if SHARED.exists():
        assert list(NEEDS) == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize(
    ("word", "need"),
    [
        ("skint", "crisis-grant"),
        ("bailiffs", "debt-advice"),
        ("foodbank", "food-aid"),
        ("evicted", "tenancy-rights"),
        ("sanctioned", "benefits-advice"),
        ("mouldy", "repairs-damp-mould"),
    ],
)
def test_everyday_words_lead_to_a_need(word: str, need: str) -> None:
    assert word in SYNONYMS[need]


def test_synonyms_are_distinct_and_lower_case() -> None:
    for need, words in SYNONYMS.items():
        assert len(set(words)) == len(words) >= 5, need
        assert all(word == word.lower().strip() for word in words), need
