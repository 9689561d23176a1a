"""What to say and to ask on the phone: all that "rang, still right" then marks as checked."""

from collections.abc import Iterator, Mapping
from typing import Final

from directory.filters import CHANNEL_WORDS
from directory.languages import language_name
from directory.model import Phone, Service
from directory.restrictions import restrictions_of
from directory.working_copy.hours import weekly
from directory.working_copy.rounds import may_be_rung

_FUNDS: Final = {
    "yes": "We send you nobody who has no recourse to public funds: is that right?",
    "no": "We send you people who have no recourse to public funds, too: is that right?",
    "unknown": "Can somebody without recourse to public funds come to you?",
}
_WAYS_IN: Final = {
    "self_referral": ("People may refer themselves", "People may not refer themselves"),
    "professional_referral": ("Professionals may refer people", "Professionals may not refer"),
    "drop_in": ("People may drop in", "People may not drop in"),
}


def script(service: Service, areas: Mapping[str, str]) -> tuple[str, ...]:
    """What to say and to ask, in order; only what the entry says is read out.

    What matters most and is missing is asked. `areas` names the codes of areas.
    """
    if not may_be_rung(service):
        return (
            "Do not ring: this number is for emergencies.",
            "Compare every line of the entry with the official page.",
        )
    return (
        f"I am ringing from the directory of local services about {service.name}.",
        "May I read you what we tell people, and you say what is wrong?",
        f"Name and organisation: {service.name}, {service.organisation}.",
        *_said("What you do", service.description),
        *_reached(service),
        *_open(service),
        *_whom(service, areas),
        *_way_in(service),
        "Are you taking new people now? How long do they wait?",
        _FUNDS[service.public_funds],
        "Until when is the service funded?",
    )


def _reached(service: Service) -> Iterator[str]:
    if service.phone:
        yield from _said("Phone", "; ".join(map(_number, service.phone)))
    else:
        yield "What number may people ring?"
    yield from _said("Email", service.email)
    yield from _said("Web page", service.url)
    yield from _said("Address", ", ".join(filter(None, (service.address, service.postcode))))
    yield from _said("You help people", ", ".join(CHANNEL_WORDS[it] for it in service.channels))


def _number(phone: Phone) -> str:
    return ", ".join(filter(None, (phone.number, phone.label, phone.hours)))


def _open(service: Service) -> Iterator[str]:
    if not service.opening_hours and not service.schedules:
        yield "When are you open?"
    yield from _said("Opening hours, in words", service.opening_hours)
    yield from _said("Open every week", weekly(service.schedules))
    yield from _said("Cost", service.cost)


def _whom(service: Service, areas: Mapping[str, str]) -> Iterator[str]:
    restrictions = restrictions_of(service)
    if not (service.eligibility or service.exclusions or restrictions):
        yield "Who is it for, and who is it not for?"
    yield from _said("Who it is for", service.eligibility)
    yield from _said("Who it is not for", service.exclusions)
    for restriction in restrictions:
        yield f"{restriction.no}: is that right?"
    country = ["the whole country"] if service.national else []
    covered = [*country, *(areas.get(code, code) for code in service.service_area)]
    yield from _said("Areas", ", ".join(covered))
    yield from _said("Languages", ", ".join(map(language_name, service.languages)))
    yield from _said("Access", ", ".join(service.access))


def _way_in(service: Service) -> Iterator[str]:
    for field, (may, may_not) in _WAYS_IN.items():
        value = getattr(service, field)
        if value is not None:
            yield f"{may if value else may_not}: is that right?"
    if service.urgent_today:
        yield "You act on the same day: is that right?"


def _said(what: str, text: str) -> Iterator[str]:
    if text.strip():
        yield f"{what}: {text.strip().rstrip('.')}. Is that right?"
