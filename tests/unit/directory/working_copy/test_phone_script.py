"""The script of a call reads out all that "rang, still right" marks as checked."""

from dataclasses import fields, replace
from typing import Any, Final

import pytest

from directory.model import DAYS, Phone, Schedule, Service
from directory.working_copy.phone_script import script
from tests.unit.directory.made_up import HAREHILLS, a_service

_NAMES: Final = {HAREHILLS: "Gipton & Harehills"}
_BARE: Final = Service(
    id="11111111-1111-4111-8111-111111111111",
    name="Made-up Lunch Club",
    organisation="Made-up Society",
    description="",
    needs=(),
)
# What the entry says, and what is then read out.
_SAID: Final[dict[str, tuple[Any, str]]] = {
    "name": ("Soup for All", "Soup for All"),
    "organisation": ("Made-up Trust", "Made-up Trust"),
    "description": ("Soup and bread.", "What you do: Soup and bread. Is that right?"),
    "phone": (
        (Phone("0113 496 0000", "desk", "mornings"), Phone("0113 496 0001")),
        "Phone: 0113 496 0000, desk, mornings; 0113 496 0001.",
    ),
    "email": ("desk@example.org", "Email: desk@example.org."),
    "url": ("https://www.example.org/soup", "Web page: https://www.example.org/soup."),
    "address": ("1 Made-up Street", "Address: 1 Made-up Street."),
    "postcode": ("LS9 6AU", "Address: LS9 6AU."),
    "service_area": ((HAREHILLS,), "Areas: Gipton & Harehills."),
    "national": (True, "Areas: the whole country."),
    "minimum_age": (16, "Only for ages 16 and over: is that right?"),
    "maximum_age": (25, "Only for under 26s: is that right?"),
    "sex": ("female", "Only for women: is that right?"),
    "tenures": (("council",), "Only for people who rent from the council: is that right?"),
    "household": (("under5",), "Only for households with a child under 5: is that right?"),
    "languages": (("ur", "pl"), "Languages: Urdu, Polish."),
    "channels": (("in-person", "text"), "You help people: in person, by text message."),
    "access": (("step-free", "BSL"), "Access: step-free, BSL."),
    "cost": ("Pay as you feel", "Cost: Pay as you feel."),
    "opening_hours": ("Weekday mornings", "Opening hours, in words: Weekday mornings."),
    "schedules": (
        tuple(Schedule(day, "09:00", "12:00") for day in DAYS[:5]),
        "Open every week: Monday to Friday 09:00 to 12:00.",
    ),
    "eligibility": ("Anybody hungry", "Who it is for: Anybody hungry."),
    "exclusions": ("Groups", "Who it is not for: Groups."),
    "self_referral": (False, "People may not refer themselves: is that right?"),
    "professional_referral": (True, "Professionals may refer people: is that right?"),
    "drop_in": (True, "People may drop in: is that right?"),
    "urgent_today": (True, "You act on the same day: is that right?"),
    "public_funds": ("yes", "We send you nobody who has no recourse to public funds"),
}
# What nobody on the phone is asked: a curator's own judgement, and where and when it was read.
_NOT_ASKED: Final = frozenset(
    {
        "id",
        "needs",
        "status",
        "caution",
        "urgent_cards",
        "safe_for_private_disclosure",
        "lat",
        "lon",
    }
    | {"seen_on", "verified_on", "verified_by", "verified_source", "review_by", "sources"}
)


@pytest.mark.parametrize("field", _SAID)
def test_what_the_entry_says_is_read_out(field: str) -> None:
    value, said = _SAID[field]
    changes: dict[str, Any] = {field: value}
    assert said in " ".join(script(replace(_BARE, **changes), _NAMES))
    assert said not in " ".join(script(_BARE, _NAMES))


def test_every_field_is_read_out_or_named_as_not_asked() -> None:
    assert _SAID.keys() | _NOT_ASKED == {field.name for field in fields(Service)}


def test_what_is_missing_of_the_most_important_is_asked() -> None:
    assert script(_BARE, {}) == (
        "I am ringing from the directory of local services about Made-up Lunch Club.",
        "May I read you what we tell people, and you say what is wrong?",
        "Name and organisation: Made-up Lunch Club, Made-up Society.",
        "What number may people ring?",
        "When are you open?",
        "Who is it for, and who is it not for?",
        "Are you taking new people now? How long do they wait?",
        "Can somebody without recourse to public funds come to you?",
        "Until when is the service funded?",
    )


def test_people_without_recourse_to_public_funds_are_asked_about_as_we_send_them() -> None:
    sent = script(a_service(public_funds="no"), {})
    assert "We send you people who have no recourse to public funds, too: is that right?" in sent
