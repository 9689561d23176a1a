"""The names of a Questionnaire by which responses are sent to it: its url and its version."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

# FHIR R4, datatypes.html#canonical: a bar begins the version, a hash a part of a resource.
_URL: Final = re.compile(r"[^\s|#\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,2000}")
_VERSION: Final = re.compile(r"[^\s|\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
_NO_URL: Final = "There is no url, and it is by its url that responses name a questionnaire"
_BAD_URL: Final = (
    "The url is malformed: it must be text without spaces, | and #, 2,000 characters long at most"
)
_NO_VERSION: Final = "A version holds no spaces and no |"


class Misnamed(NamedTuple):
    """What is wrong with a name, where (`Questionnaire.url`), and its FHIR issue-type."""

    code: str
    expression: str
    message: str


def misnamed(resource: Any) -> Iterator[Misnamed]:
    """Why the library could not keep a questionnaire under its names; never raises on any JSON."""
    if not isinstance(resource, dict):
        return
    url, version = resource.get("url"), resource.get("version")
    if url is None or url == "":
        yield Misnamed("required", "Questionnaire.url", _NO_URL)
    elif not isinstance(url, str) or not _URL.fullmatch(url):
        yield Misnamed("value", "Questionnaire.url", _BAD_URL)
    if version is not None and (not isinstance(version, str) or not _VERSION.fullmatch(version)):
        yield Misnamed("value", "Questionnaire.version", _NO_VERSION)
