"""What of a published document leaves the house: the directory, and nothing of who keeps it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from directory.open_referral.attributes import PHONE_HOURS, field_of
from directory.open_referral.lens_text import is_safe_link, plain
from directory.open_referral.records import Record

HELD_BACK: Final = frozenset(
    {
        # Who asked, and how: names of people.
        "verified_by",
        "verified_source",
        # The house's own calendar and template.
        "review_by",
        "urgent_cards",
        # Whoever controls somebody could look up where they may have talked.
        "safe_for_private_disclosure",
    }
)
"""Our additions that are not served."""

OPEN: Final = frozenset(
    {
        "access",
        "address",
        "caution",
        "channels",
        "cost",
        "description",
        "drop_in",
        "eligibility",
        "email",
        "exclusions",
        "household",
        "id",
        "languages",
        "lat",
        "lon",
        "maximum_age",
        "minimum_age",
        "name",
        "national",
        "needs",
        "opening_hours",
        "organisation",
        "phone",
        PHONE_HOURS,
        "postcode",
        "professional_referral",
        "public_funds",
        "schedules",
        "seen_on",
        "self_referral",
        "service_area",
        "sex",
        "sources",
        "status",
        "tenures",
        "urgent_today",
        "url",
        "verified_on",
    }
)
"""Our additions that are served: one that nobody has thought about is not."""

_TERMS_CACHED: Final = 8192

# HSDS `metadata` says who changed what, and from what; `instead_of` is a fingerprint of ours.
_NEVER: Final = frozenset({"metadata", "instead_of", "assurer_email"})
_LINKS: Final = frozenset(
    {"url", "website", "uri", "logo", "term_uri", "schedule_link", "additional_websites"}
)
# Not text for a reader: markup in them is part of what they say.
_NOT_PROSE: Final = _LINKS | {"value", "extent", "id"}


def opened(document: Mapping[str, Any], under: str = "", *, lists: bool = True) -> dict[str, Any]:
    """The document as anybody may have it; `under` is the name it stands under in another.

    Without `lists` only what stands one to one in it is kept, at any depth: the form the
    specification gives documents in a list. Names of contact persons, HSDS metadata and what is
    held back are gone, markup in texts is plain text, a link that would run code is left out.
    """
    kept: dict[str, Any] = {}
    for name, value in document.items():
        if name in _NEVER or (name == "name" and under == "contacts"):
            continue
        if isinstance(value, str):
            if name in _LINKS and not is_safe_link(value):
                continue
            kept[name] = value if "<" not in value or name in _NOT_PROSE else plain(value)
        elif isinstance(value, dict):
            kept[name] = opened(value, name, lists=lists)
        elif isinstance(value, list):
            if lists:
                kept[name] = _opened_list(value, name)
        else:
            kept[name] = value
    return kept


def _opened_list(values: list[Any], name: str) -> list[Any]:
    return [
        opened(each, name) if isinstance(each, dict) else each
        for each in values
        if not (name == "attributes" and isinstance(each, dict) and is_held_back(each))
    ]


def is_held_back(attribute: Mapping[str, Any]) -> bool:
    """Whether an attribute is one of our additions that are not served."""
    term = attribute.get("taxonomy_term")
    known = term if isinstance(term, dict) else {}
    term_id = known.get("id") or attribute.get("taxonomy_term_id")
    return _is_term_held_back(str(term_id), str(known.get("taxonomy")), str(known.get("code")))


@lru_cache(_TERMS_CACHED)
def _is_term_held_back(term_id: str, taxonomy: str, code: str) -> bool:
    pointing = Record("attribute", "", {"taxonomy_term_id": term_id})
    term = Record("taxonomy_term", term_id, {"taxonomy": taxonomy, "code": code})
    field = field_of(pointing, {term_id: term})
    return field is not None and field not in OPEN
