"""The older UK API (Open Referral UK v1) read as v3: its names and shapes.

SOURCE: Open Referral UK API 1.0 (HSDS 1.1 with the extensions of the Local Government
Association) against the Open Referral UK profile 3.0.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

# Names of nested lists that only v1 has, and what v3 calls them.
_LISTS: Final = MappingProxyType(
    {
        "regular_schedules": "schedules",
        "fundings": "funding",
        "physical_addresses": "addresses",
        "postal_addresses": "addresses",
        "accessibility_for_disabilities": "accessibility",
        "service_taxonomys": "attributes",
        "service_taxonomies": "attributes",
        "link_taxonomies": "attributes",
    }
)
# `deliverable_type` and its like are of v1 only too, but change nothing in v3.
_MARKS: Final = frozenset({*_LISTS, "eligibilitys", "holiday_schedules", "vocabulary"})
_WEEKDAYS: Final = MappingProxyType(
    {
        name: code
        for code, names in {
            "MO": ("1", "mo", "monday"),
            "TU": ("2", "tu", "tuesday"),
            "WE": ("3", "we", "wednesday"),
            "TH": ("4", "th", "thursday"),
            "FR": ("5", "fr", "friday"),
            "SA": ("6", "sa", "saturday"),
            "SU": ("7", "su", "sunday"),
        }.items()
        for name in names
    }
)
_Object = dict[str, Any]


def is_v1(document: Mapping[str, Any]) -> bool:
    """Whether a document, or a place in it, has a name that only v1 has."""
    places = (
        each["location"]
        for each in _objects(document.get("service_at_locations"))
        if isinstance(each.get("location"), Mapping)
    )
    return any(not _MARKS.isdisjoint(each) for each in (document, *places))


def as_v3(document: Mapping[str, Any], kind: str) -> _Object:
    """The v1 document of this kind in the names and shapes of v3; what is v3 already stays.

    Ages of `eligibilitys` become the service's (the lowest and the highest) and its words a text;
    the list itself stays beside them. What v3 has no name for stays as it came.
    """
    return _object(document, kind)


def _object(found: Mapping[str, Any], name: str) -> _Object:
    """An object that stands under this name, or is a document of this kind."""
    own: _Object = {}
    for key, value in found.items():
        changed = _value(value, key)
        new = _LISTS.get(key, key)
        # Two lists of v1 may be one of v3: physical and postal addresses.
        own[new] = [*_objects(own[new]), *_objects(changed)] if new in own else changed
    match name:
        case "service":
            _state_eligibility(own)
        case "organization":
            _rename(own, "url", "website")
        case "location":
            _fill(own, "location_type", "physical")
        case "physical_addresses" | "postal_addresses":
            _fill(own, "address_type", name.partition("_")[0])
        case "regular_schedules":
            _state_rule(own)
        case "languages":
            _rename(own, "language", "name")
        case "taxonomy_term" | "taxonomy":
            _rename(own, "vocabulary", "taxonomy")
        case "service_taxonomys" | "service_taxonomies" | "link_taxonomies":
            _rename(own, "taxonomy", "taxonomy_term")
            # It names an eligibility, price or area, not what the attribute stands in.
            _rename(own, "link_id", "oruk_v1_link_id")
    return own


def _value(value: object, name: str) -> Any:
    if isinstance(value, Mapping):
        return _object(value, name)
    if not isinstance(value, list):
        return value
    # The objects of a list are named as the list is, except those that are documents elsewhere.
    each_name = {"services": "service", "locations": "location"}.get(name, name)
    return [_object(it, each_name) if isinstance(it, Mapping) else it for it in value]


def _objects(value: object) -> Iterable[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return (each for each in listed if isinstance(each, Mapping))


def _rename(own: _Object, old: str, new: str) -> None:
    if old in own and new not in own:
        own[new] = own.pop(old)


def _fill(own: _Object, name: str, value: str) -> None:
    if not own.get(name):
        own[name] = value


def _state_rule(schedule: _Object) -> None:
    """A weekday, by number (Monday is 1) or name, is a weekly rule on that day."""
    day = _WEEKDAYS.get(str(schedule.get("weekday")).strip().lower())
    if day and not schedule.get("byday"):
        schedule["byday"] = day
    if schedule.get("byday"):
        _fill(schedule, "freq", "WEEKLY")


def _state_eligibility(service: _Object) -> None:
    """The span of the ages of all groups, unless one is open; and the groups in words."""
    groups = list(_objects(service.get("eligibilitys")))
    for name, widest in (("minimum_age", min), ("maximum_age", max)):
        ages = [group.get(name) for group in groups]
        known = [age for age in ages if isinstance(age, int | float)]
        if known and len(known) == len(ages) and service.get(name) is None:
            service[name] = widest(known)
    words = [str(group["eligibility"]) for group in groups if group.get("eligibility")]
    if words:
        _fill(service, "eligibility_description", "; ".join(dict.fromkeys(words)))
