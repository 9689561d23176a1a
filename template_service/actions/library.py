"""The library of questionnaires, changed by whoever runs the service: added, retired, put back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.errors import Conflict, Malformed, NotFound, TooLarge
from template_service.questionnaire.catalogue import Listed, free_id
from template_service.questionnaire.checking.check import check
from template_service.questionnaire.naming import misnamed
from template_service.questionnaire.problems import Problem, QuestionnaireError
from template_service.records import questionnaires
from template_service.records.questionnaires import AddedQuestionnaire, Key
from template_service.records.store import Store
from template_service.service import TEMPLATE_ID, Forms

# The longest published questionnaires are about 2 MB, with every text in several languages.
LARGEST_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A questionnaire of the library, what is odd about it, and whether it is new there."""

    listed: Listed
    problems: tuple[Problem, ...]
    is_new: bool


def add_questionnaire(store: Store, forms: Forms, body: bytes, *, by: str) -> Kept:
    """Add a FHIR R4 Questionnaire (JSON, as received) to the library, for good.

    Versions of one url stand side by side. The same content again changes nothing, however it is
    laid out; other content under a known url and version raises Conflict, because a version never
    changes. Raises Malformed, TooLarge, and `QuestionnaireError` naming every problem and its place
    (a url is needed to find it by; a version is not, but then its content can never change), and
    Conflict for a url that is shipped: a version of somebody else's could take safety out of it.
    """
    resource, problems = check_questionnaire(body)
    key = Key(resource["url"], resource.get("version") or "")
    with store.write() as conn:
        is_new = not _is_known(conn, forms, key, resource)
        if is_new:
            if key.url in forms.shipped_urls:
                raise Conflict(_SHIPPED)
            described = _described(conn, forms, resource)
            questionnaires.add(conn, described, body, at=clock.now(), by=by)
    return Kept(_listed(forms, key), problems, is_new)


def retire(store: Store, forms: Forms, canonical: str, *, by: str) -> tuple[Listed, ...]:
    """Let no new response be begun with `url|version`, or with any version of a url.

    What was answered with it stays readable and can be finished. Gives what was not retired before.
    Raises NotFound, and Conflict for the template that the staff pages show.
    """
    wanted = _versions(forms, canonical)
    if any(each.id == TEMPLATE_ID for each in wanted):
        raise Conflict("The pages of the staff show this version; it cannot be retired")
    return _change(store, wanted, questionnaires.retire, by=by)


def put_back(store: Store, forms: Forms, canonical: str, *, by: str) -> tuple[Listed, ...]:
    """Take retirements back, of one version or all of a url; gives what was retired before.

    Raises NotFound.
    """
    return _change(store, _versions(forms, canonical), questionnaires.put_back, by=by)


def check_questionnaire(body: bytes) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """A Questionnaire from bytes and what is odd about it; raises as `add_questionnaire`."""
    resource = _parse(body)
    found = _found(resource)
    if any(problem.severity == "error" for problem in found):
        raise QuestionnaireError(problems=found)
    return resource, found


def _found(resource: Any) -> tuple[Problem, ...]:
    """All that `check` says, and what is wrong with its names as errors, once, first."""
    checked = check(resource)
    said = {each.expression for each in checked if each.severity == "error"}
    names = [each for each in misnamed(resource) if each.expression not in said]
    errors = [
        Problem("error", each.code, each.expression, None, f"{each.message}.") for each in names
    ]
    places = {each.expression for each in errors}
    others = [each for each in checked if each.expression not in places]
    return (*errors, *others)


def _parse(body: bytes) -> Any:
    if len(body) > LARGEST_BYTES:
        raise TooLarge(f"A questionnaire is longer than {LARGEST_BYTES:,} bytes")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise Malformed(f"not valid JSON (line {broken.lineno}, column {broken.colno})") from None


def _is_known(conn: Connection, forms: Forms, key: Key, resource: Mapping[str, Any]) -> bool:
    """Whether this very content is in the library; raises Conflict for other content of its key."""
    kept: Any = None
    if (body := questionnaires.body(conn, key)) is not None:
        kept = orjson.loads(body)
    elif (form := forms.shipped(key)) is not None:
        kept = form.resource
    if kept is None:
        return False
    if _laid_out(kept) != _laid_out(resource):
        raise Conflict(_OTHER_CONTENT if key.version else _OTHER_CONTENT_UNVERSIONED)
    return True


def _described(conn: Connection, forms: Forms, resource: Mapping[str, Any]) -> AddedQuestionnaire:
    taken = {*forms.shipped_ids, *(each.resource_id for each in questionnaires.added(conn))}
    told = {name: resource.get(name) for name in ("title", "status", "date")}
    return AddedQuestionnaire(
        url=resource["url"],
        version=resource.get("version") or "",
        resource_id=free_id(resource, taken),
        **{name: value if isinstance(value, str) else "" for name, value in told.items()},
    )


def _listed(forms: Forms, key: Key) -> Listed:
    return next(each for each in forms.versions(key.url) if each.version == key.version)


def _versions(forms: Forms, canonical: str) -> tuple[Listed, ...]:
    url, bar, version = canonical.partition("|")
    found = tuple(each for each in forms.versions(url) if not bar or each.version == version)
    if not found:
        raise NotFound("This questionnaire, or this version of it, is not in the library")
    return found


def _change(
    store: Store, wanted: tuple[Listed, ...], change: Callable[..., bool], *, by: str
) -> tuple[Listed, ...]:
    """What a change of the records really changed."""
    now = clock.now()
    with store.write() as conn:
        return tuple(
            each for each in wanted if change(conn, Key(each.url, each.version), at=now, by=by)
        )


def _laid_out(resource: Mapping[str, Any]) -> bytes:
    """A resource as bytes that are the same for the same content."""
    return orjson.dumps(resource, option=orjson.OPT_SORT_KEYS)


_SHIPPED = (
    "A questionnaire of this url comes with the service; publish yours under a url of your own"
)
_OTHER_CONTENT = (
    "The library holds this version with other content, and a version never changes; give the"
    " changed questionnaire a new version"
)
_OTHER_CONTENT_UNVERSIONED = (
    "The library holds this questionnaire without a version and with other content, which never"
    " changes; give the changed questionnaire a version"
)
