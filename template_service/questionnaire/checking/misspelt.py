"""Extensions that were meant to be the service's own, by their names."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from template_service.questionnaire.checking.own_extensions import own_bases, own_extensions
from template_service.questionnaire.checking.source import Anywhere

Extension = Mapping[str, Any]

_PREFIX = "sdoh-"
_STANDARD = "http://hl7.org/"
_KEEP_BACK = ("sdoh-masked", "sdoh-display-gate")
_ALIKE = 0.8
_NAME_LIMIT = 64
_NAMES_LIMIT = 500
"""Different names that are compared with ours; no questionnaire has as many unknown ones."""


class Misspelt:
    """What was meant by names that are not known, and what was meant to be an extension of ours.

    `found` are all extensions of the questionnaire: a deployer may publish ours under another base.
    """

    def __init__(self, found: Iterable[Extension], anywhere: Anywhere) -> None:
        ours = {base_of(one) for one in found if name_of(one) in own_extensions()}
        self._bases = (ours | own_bases()) - {""}
        self._anywhere = anywhere
        self._near: dict[tuple[str, frozenset[str]], str] = {}

    def check(self, extension: Extension, place: str) -> None:
        """An error where it stands where ours do; a warning where it only might be ours.

        Under a base of which nothing is known it might be by its name: it begins like ours, or is
        nearly one of them. A project of others may name its own so, but hardly `sdoh-maskd`: what
        is nearly a mark that keeps answers back is an error everywhere.
        """
        base, name = base_of(extension), name_of(extension)
        ours = frozenset(own_extensions())
        near = "" if base.startswith(_STANDARD) else self._nearest(name, ours)
        named_so = name.casefold().startswith(_PREFIX)
        message = f"{quoted(name)} is no extension known here, so it marks nothing{_meant(near)}."
        is_ours = base in self._bases or near in _KEEP_BACK
        if base in own_bases() or (is_ours and (near or named_so)):
            self._anywhere.say(place, message)
        elif near or named_so:
            self._anywhere.say(place, message, "warning")

    def meant(self, given: str, known: frozenset[str]) -> str:
        """The end of a sentence that names what may have been meant; empty when nothing is near."""
        return _meant(self._nearest(given, known))

    def _nearest(self, given: str, known: frozenset[str]) -> str:
        if (given, known) not in self._near:
            if len(self._near) >= _NAMES_LIMIT:
                return ""
            self._near[given, known] = _nearest(given, known)
        return self._near[given, known]


def _meant(near: str) -> str:
    return f"; {quoted(near)} may be meant" if near else ""


def _nearest(given: str, known: Iterable[str]) -> str:
    names = {name.casefold(): name for name in sorted(known)}
    near = get_close_matches(given[:_NAME_LIMIT].casefold(), names, 1, _ALIKE)
    return names[near[0]] if near else ""


def quoted(name: str) -> str:
    """A name as it may stand in a message."""
    return f"'{name[:_NAME_LIMIT]}'"


def name_of(extension: Extension) -> str:
    """The last part of its url, which is all that is read of it (`questionnaire.extensions`)."""
    url = extension.get("url")
    return url.rpartition("/")[2] if isinstance(url, str) else ""


def base_of(extension: Extension) -> str:
    """Its url without its name."""
    url = extension.get("url")
    return url.rpartition("/")[0] if isinstance(url, str) else ""
