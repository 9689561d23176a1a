"""The library: what is added stays as it is, what is retired stays readable."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.actions import library
from template_service.artefacts import artefact_paths
from template_service.errors import Conflict, Malformed, NotFound, ServiceError, TooLarge
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError
from template_service.records import questionnaires
from template_service.records.keys import Keys
from template_service.records.questionnaires import Key
from template_service.records.store import Store
from template_service.service import TEMPLATE_ID, Forms, open_forms

URL = "https://example.org/Questionnaire/warmth"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


def questionnaire(version: str | None = "1.0", **elements: Any) -> dict[str, Any]:
    named = {} if version is None else {"version": version}
    return {
        "resourceType": "Questionnaire",
        "id": "warmth",
        "url": URL,
        "title": "Warmth",
        "status": "active",
        "item": [{"linkId": "warm", "type": "boolean", "text": "Is your home warm?"}],
        **named,
        **elements,
    }


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Records with nothing in them, migrated once."""
    path = tmp_path_factory.mktemp("empty") / "records.sqlite"
    store = Store.open(path, Keys.generate(), durable=False)
    store.migrate()
    store.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def shipped() -> tuple[Form, ...]:
    paths = artefact_paths("Questionnaire")
    return tuple(compile_questionnaire(orjson.loads(path.read_bytes())) for path in paths)


@pytest.fixture
def store(tmp_path: Path, empty: bytes) -> Iterator[Store]:
    path = tmp_path / "records.sqlite"
    path.write_bytes(empty)
    opened = Store.open(path, Keys.generate(), durable=False)
    yield opened
    opened.close()


@pytest.fixture
def forms(store: Store, shipped: tuple[Form, ...]) -> Forms:
    return Forms(shipped, store)


def add(store: Store, forms: Forms, resource: Any) -> library.Kept:
    return library.add_questionnaire(store, forms, orjson.dumps(resource), by="tests")


def test_what_is_added_is_found_by_version_by_url_and_by_id(store: Store, forms: Forms) -> None:
    kept = add(store, forms, questionnaire())
    assert (kept.is_new, kept.listed.id, kept.listed.shipped) == (True, "warmth", False)
    for found in (forms.find(f"{URL}|1.0"), forms.find(URL), forms.by_id("warmth")):
        assert (found.canonical, found.title) == (f"{URL}|1.0", "Warmth")
    with pytest.raises(NotFound):
        forms.find(f"{URL}|1.1")


def test_it_is_kept_as_it_was_received(store: Store, forms: Forms) -> None:
    body = orjson.dumps(questionnaire(), option=orjson.OPT_INDENT_2)
    library.add_questionnaire(store, forms, body, by="tests")
    with store.read() as conn:
        assert questionnaires.body(conn, Key(URL, "1.0")) == body


def test_the_same_content_again_changes_nothing(store: Store, forms: Forms) -> None:
    add(store, forms, questionnaire())
    with store.read() as conn:
        before = questionnaires.revision(conn)
    other_layout = dict(reversed(questionnaire().items()))
    assert not add(store, forms, other_layout).is_new
    with store.read() as conn:
        assert questionnaires.revision(conn) == before


@pytest.mark.parametrize("version", ["1.0", None])
def test_other_content_of_a_known_version_is_refused(
    store: Store, forms: Forms, version: str | None
) -> None:
    add(store, forms, questionnaire(version))
    with pytest.raises(Conflict, match="never changes"):
        add(store, forms, questionnaire(version, title="Warmth, corrected"))
    assert forms.find(f"{URL}|{version or ''}").title == "Warmth"


def test_a_shipped_version_cannot_be_replaced(store: Store, forms: Forms) -> None:
    shipped = forms.by_id(TEMPLATE_ID)
    assert not add(store, forms, shipped.resource).is_new
    with pytest.raises(Conflict):
        add(store, forms, {**shipped.resource, "title": "Another"})


def test_versions_stand_side_by_side(store: Store, forms: Forms) -> None:
    for version, status in (("1.9", "active"), ("1.10", "active"), ("2.0", "draft")):
        add(store, forms, questionnaire(version, status=status, title=version))
    assert [forms.find(f"{URL}|{each}").title for each in ("1.9", "2.0")] == ["1.9", "2.0"]
    assert forms.find(URL).title == "1.10"
    ids = [each.id for each in forms.versions(URL)]
    assert len(set(ids)) == 3
    assert [forms.by_id(each).id for each in ids] == ids


def test_one_without_a_version_stands_beside_those_with(store: Store, forms: Forms) -> None:
    add(store, forms, questionnaire(None, title="Unversioned"))
    assert forms.find(URL).title == "Unversioned"
    add(store, forms, questionnaire("0.1"))
    assert forms.find(URL).version == "0.1"
    # How a stored response names it (`actions.stored.form_of`).
    assert forms.find(f"{URL}|").title == "Unversioned"


def test_retired_is_still_read_but_no_longer_meant_by_its_url(store: Store, forms: Forms) -> None:
    for version in ("1.0", "2.0"):
        add(store, forms, questionnaire(version))
    retired = library.retire(store, forms, f"{URL}|2.0", by="tests")
    assert [each.version for each in retired] == ["2.0"]
    assert forms.find(URL).version == "1.0"
    assert forms.find(f"{URL}|2.0").version == "2.0"
    assert library.retire(store, forms, f"{URL}|2.0", by="tests") == ()
    assert len(library.put_back(store, forms, URL, by="tests")) == 1
    assert forms.find(URL).version == "2.0"


def test_a_url_alone_retires_every_version(store: Store, forms: Forms) -> None:
    for version in ("1.0", "2.0"):
        add(store, forms, questionnaire(version))
    assert len(library.retire(store, forms, URL, by="tests")) == 2
    assert all(each.retired for each in forms.versions(URL))
    with pytest.raises(NotFound):
        library.retire(store, forms, f"{URL}|3.0", by="tests")


def test_what_is_shipped_can_be_retired_but_not_the_template(store: Store, forms: Forms) -> None:
    template = forms.by_id(TEMPLATE_ID)
    with pytest.raises(Conflict):
        library.retire(store, forms, template.url, by="tests")
    others = [each for each in forms.listed() if each.id != TEMPLATE_ID]
    for each in others:
        assert library.retire(store, forms, each.canonical, by="tests")
    assert not [each for each in forms.listed() if not each.retired and each.id != TEMPLATE_ID]


def test_another_process_sees_it_at_its_next_look(store: Store, forms: Forms) -> None:
    elsewhere = Store.open(store.path, Keys.generate(), durable=False)
    other = open_forms(elsewhere)
    with pytest.raises(NotFound):
        other.find(URL)
    add(store, forms, questionnaire("1.0"))
    assert other.find(URL).version == "1.0"
    add(store, forms, questionnaire("2.0"))
    assert other.find(URL).version == "2.0"
    library.retire(store, forms, f"{URL}|2.0", by="tests")
    assert other.find(URL).version == "1.0"
    elsewhere.close()


def test_many_who_add_at_once_agree(store: Store, shipped: tuple[Form, ...]) -> None:
    """Every version is there once with an id of its own, and of each the content of one adder."""
    told: list[tuple[str, bool]] = []
    refused: list[Conflict] = []

    def add_all(adder: int) -> None:
        own = Store.open(store.path, Keys.generate(), durable=False)
        forms = Forms(shipped, own)
        for number in range(4):
            resource = questionnaire(f"{number}.0", title=f"{adder % 2}")
            try:
                kept = add(own, forms, resource)
            except Conflict as conflict:
                refused.append(conflict)
            else:
                told.append((kept.listed.canonical, kept.is_new))
        own.close()

    threads = [threading.Thread(target=add_all, args=(adder,)) for adder in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = Forms(shipped, store).versions(URL)
    assert sorted(each.version for each in listed) == ["0.0", "1.0", "2.0", "3.0"]
    assert len({each.id for each in listed}) == 4
    assert sorted(name for name, new in told if new) == sorted(each.canonical for each in listed)
    # Of the four adders, two come with each of two contents.
    assert len(told) == len(refused) == 8
    assert store.check() == ()


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"url": None}, "Questionnaire.url"),
        ({"url": "https://example.org/a b"}, "Questionnaire.url"),
        ({"url": "https://example.org/a|1"}, "Questionnaire.url"),
        ({"url": "https://example.org/a#b"}, "Questionnaire.url"),
        ({"version": "1|2"}, "Questionnaire.version"),
        ({"version": ""}, "Questionnaire.version"),
        ({"version": 1}, "Questionnaire.version"),
        ({"item": [{"linkId": "a", "type": "none"}]}, "Questionnaire.item[0]"),
        ({"resourceType": "Patient"}, "Questionnaire"),
    ],
)
def test_one_that_cannot_be_used_is_refused_with_its_places(
    store: Store, forms: Forms, changed: dict[str, Any], place: str
) -> None:
    with pytest.raises(QuestionnaireError) as refused:
        add(store, forms, questionnaire() | changed)
    assert place in {problem.expression for problem in refused.value.problems}
    assert forms.versions(URL) == ()


OURS = "https://template-service.example/fhir/StructureDefinition"


@pytest.mark.parametrize(
    "extension",
    [
        {"url": f"{OURS}/sdoh-maksed", "valueBoolean": True},
        {"url": f"{OURS}/sdoh-need", "valueCode": "domestic-abuse"},
        {
            "url": f"{OURS}/sdoh-urgent-card",
            "extension": [
                {"url": "card", "valueCoding": {"code": "harm", "display": "Harm at home"}},
                {"url": "need", "valueCode": "domestic-abus"},
            ],
        },
    ],
)
def test_a_mark_that_would_mark_nothing_is_refused(
    store: Store, forms: Forms, extension: dict[str, Any]
) -> None:
    asked = {"linkId": "warm", "type": "boolean", "text": "Warm?", "extension": [extension]}
    with pytest.raises(QuestionnaireError) as refused:
        add(store, forms, questionnaire(item=[asked]))
    errors = [each.expression for each in refused.value.problems if each.severity == "error"]
    assert [place.partition(".extension")[0] for place in errors] == ["Questionnaire.item[0]"]
    assert forms.versions(URL) == ()


def test_a_missing_url_is_named(store: Store, forms: Forms) -> None:
    without = questionnaire()
    del without["url"]
    with pytest.raises(QuestionnaireError) as refused:
        add(store, forms, without)
    errors = [each.expression for each in refused.value.problems if each.severity == "error"]
    assert errors == ["Questionnaire.url"]


def test_bytes_that_are_no_questionnaire_are_refused(store: Store, forms: Forms) -> None:
    for body in (
        b"",
        b"{",
        b"\xff",
        b'"\\ud800"',
    ):
        with pytest.raises(Malformed):
            library.add_questionnaire(store, forms, body, by="tests")
    with pytest.raises(TooLarge):
        library.add_questionnaire(store, forms, b" " * (library.LARGEST_BYTES + 1), by="tests")


@settings(max_examples=50)
@given(JSON | st.dictionaries(st.sampled_from([*questionnaire()]), JSON))
def test_no_json_is_answered_but_by_our_own_refusals(changed: Any) -> None:
    resource = questionnaire() | changed if isinstance(changed, dict) else changed
    with suppress(ServiceError):
        library.check_questionnaire(_plain(resource))


@pytest.mark.parametrize(("levels", "reason"), [(200, "nested more than"), (5_000, "not valid")])
def test_one_that_nests_too_deep_is_refused(levels: int, reason: str) -> None:
    deep = b"[" * levels + b"]" * levels
    body = _plain(questionnaire(purpose="DEEP")).replace(b'"DEEP"', deep)
    with pytest.raises((Malformed, QuestionnaireError), match=reason):
        library.check_questionnaire(body)


def _plain(resource: Any) -> bytes:
    """JSON of any depth, which orjson does not write."""
    return json.dumps(resource).encode()


def test_a_body_that_was_changed_underneath_is_not_served(store: Store, forms: Forms) -> None:
    add(store, forms, questionnaire())
    with store.write() as conn:
        conn.exec_driver_sql("DROP TRIGGER questionnaire_no_update")
        conn.exec_driver_sql("UPDATE questionnaire SET body = CAST('{}' AS BLOB)")
    with pytest.raises(ServiceError, match="damaged"):
        forms.find(URL)


@pytest.mark.parametrize(
    "statement", ["UPDATE questionnaire SET title = ''", "DELETE FROM questionnaire"]
)
def test_the_store_itself_keeps_a_version_what_it_is(
    store: Store, forms: Forms, statement: str
) -> None:
    add(store, forms, questionnaire())
    with pytest.raises(Exception, match="questionnaire refuses"), store.write() as conn:
        conn.exec_driver_sql(statement)


def test_a_later_release_that_ships_what_was_added_changes_nothing(store: Store) -> None:
    """The content that responses were made with counts, and both ids lead somewhere."""
    shipped = open_forms(store).by_id(TEMPLATE_ID)
    before = Forms((), store)
    add(store, before, questionnaire(id=TEMPLATE_ID))
    add(store, before, {**shipped.resource, "title": "As added"})
    after = open_forms(store)
    assert after.find(shipped.canonical).title == "As added"
    assert len({each.id for each in after.listed()}) == len(after.listed())
