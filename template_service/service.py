"""The running service as one value: settings, store, directory, geography and forms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection

from directory.geography import Geography
from directory.kept import KeptDirectory
from directory.matching import Directory
from template_service import data_folder
from template_service.aggregates.areas import Areas
from template_service.aggregates.folder import FOLDER
from template_service.aggregates.kept_figures import KeptFigures
from template_service.artefacts import artefact_paths
from template_service.errors import NotFound
from template_service.questionnaire.catalogue import Catalogue, Listed, free_id
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.records import questionnaires
from template_service.records.questionnaires import AddedQuestionnaire, Key
from template_service.records.store import Store
from template_service.settings import Settings

if TYPE_CHECKING:
    from template_service.aggregates.released_figures import ReleasedFigures

# The template: the questionnaire that people and plans are built around.
TEMPLATE_ID = "leeds-social-determinants"


class Forms:
    """The library: the questionnaires that are shipped, and those a deployer added to the records.

    A version never changes, so what was found once is kept compiled. What another process added or
    retired is found at once and without a restart: every look for something that can have changed
    (a url without its version, what is not known, the list) first reads one number of the records.
    """

    def __init__(self, shipped: Iterable[Form], store: Store) -> None:
        self._shipped = {Key(form.url, form.version or ""): form for form in shipped}
        self._added: dict[Key, Form] = {}
        self._store = store
        self._seen: tuple[int, Catalogue] = (-1, Catalogue(()))

    def find(self, canonical: str) -> Form:
        """The form of a canonical address; raises NotFound.

        `url|version` is that version, retired or not. A url alone is the newest version that is not
        retired: active ones first, then by version, then by date. Raises `QuestionnaireError` for
        one added to an older version of the software that this one cannot use.
        """
        url, bar, version = canonical.partition("|")
        if not bar:
            return self._form(self._catalogue().newest.get(url))
        key = Key(url, version)
        known = self._seen[1].by_key.get(key)
        return self._form(known or self._catalogue().by_key.get(key))

    def by_id(self, questionnaire_id: str) -> Form:
        """The form of a resource id; raises as `find`."""
        known = self._seen[1].by_id.get(questionnaire_id)
        return self._form(known or self._catalogue().by_id.get(questionnaire_id))

    def listed_by_id(self, questionnaire_id: str) -> Listed:
        """What is listed of a resource id; raises NotFound."""
        return _found(self._catalogue().by_id.get(questionnaire_id))

    def listed(self) -> tuple[Listed, ...]:
        """Everything in the library, by url; of each url the newest version last."""
        return self._catalogue().listed

    def versions(self, url: str) -> tuple[Listed, ...]:
        """Every version of a url, retired ones first, the newest last."""
        return self._catalogue().versions(url)

    def resource(self, listed: Listed) -> dict[str, Any]:
        """The Questionnaire as it was added or shipped, with its resource id here."""
        key = Key(listed.url, listed.version)
        whole = self._shipped[key].resource if listed.shipped else self._read(key)
        return {**whole, "id": listed.id}

    def shipped(self, key: Key) -> Form | None:
        """The form that is shipped with a url and version, or None."""
        return self._shipped.get(key)

    @property
    def shipped_ids(self) -> frozenset[str]:
        """The resource ids of what is shipped, which nothing that is added may take."""
        return frozenset(form.id for form in self._shipped.values())

    @property
    def shipped_urls(self) -> frozenset[str]:
        """The urls of what is shipped, under which nothing can be added."""
        return frozenset(form.url for form in self._shipped.values())

    def _form(self, listed: Listed | None) -> Form:
        listed = _found(listed)
        key = Key(listed.url, listed.version)
        if listed.shipped:
            return self._shipped[key]
        form = self._added.get(key)
        if form is None:
            form = self._added[key] = compile_questionnaire(self.resource(listed))
        return form

    def _read(self, key: Key) -> dict[str, Any]:
        with self._store.read() as conn:
            body = questionnaires.body(conn, key)
        resource: dict[str, Any] = orjson.loads(body or b"{}")
        return resource

    def _catalogue(self) -> Catalogue:
        """What is in the library now."""
        with self._store.read() as conn:
            revision = questionnaires.revision(conn)
            if revision != self._seen[0]:
                self._seen = revision, Catalogue(self._listing(conn))
        return self._seen[1]

    def _listing(self, conn: Connection) -> Iterator[Listed]:
        """What is shipped, then what was added; of the same version, what was added counts.

        That can only be where a later release ships what a deployer had added before.
        """
        retired = questionnaires.retired(conn)
        added = questionnaires.added(conn)
        keys = {each.key for each in added}
        shipped = {key: form for key, form in self._shipped.items() if key not in keys}
        for key, form in shipped.items():
            yield _shipped(form, retired=key in retired)
        taken = {form.id for form in shipped.values()}
        for each in added:
            yield _added(each, free_id(each.naming, taken), retired=each.key in retired)


@dataclass(frozen=True, slots=True)
class Service:
    """What the faces and actions work with; opened once per process, closed at its end."""

    settings: Settings
    store: Store
    kept_directory: KeptDirectory
    geography: Geography
    forms: Forms
    kept_figures: KeptFigures

    @property
    def directory(self) -> Directory:
        """The published directory in use: the next look may find another."""
        return self.kept_directory.current()

    @property
    def form(self) -> Form:
        """The template that the staff pages show."""
        return self.forms.by_id(TEMPLATE_ID)

    def figures(self) -> "ReleasedFigures":
        """The released figures; raises what `KeptFigures.current` raises."""
        return self.kept_figures.current()

    def close(self) -> None:
        """Closes the store, so that its write-ahead log is folded in."""
        self.store.close()


def open_service(settings: Settings, *, durable: bool = True) -> Service:
    """Opens everything below `settings.data`, making what a first start needs.

    `durable=False` is for preparing made-up data only (see `Store.open`). Raises `KeyProblem`,
    `StoreUnusable`, `Unavailable` (geography, directory) or `QuestionnaireError`.
    """
    store = data_folder.open_store(settings, durable=durable)
    geography = data_folder.open_geography(settings)
    return Service(
        settings=settings,
        store=store,
        kept_directory=data_folder.keep_directory(settings, geography),
        geography=geography,
        forms=open_forms(store),
        kept_figures=KeptFigures(settings.data / FOLDER, partial(Areas.of, geography)),
    )


def open_forms(store: Store) -> Forms:
    """The library over open records; raises `QuestionnaireError` for one that is shipped."""
    paths = artefact_paths("Questionnaire")
    return Forms((compile_questionnaire(orjson.loads(path.read_bytes())) for path in paths), store)


def _found(listed: Listed | None) -> Listed:
    if listed is None:
        raise NotFound("This questionnaire is not in the library")
    return listed


def _shipped(form: Form, *, retired: bool) -> Listed:
    date = form.resource.get("date", "")
    return Listed(
        url=form.url,
        version=form.version or "",
        id=form.id,
        title=form.title,
        status=form.status,
        date=date if isinstance(date, str) else "",
        shipped=True,
        retired=retired,
    )


def _added(added: AddedQuestionnaire, resource_id: str, *, retired: bool) -> Listed:
    return Listed(
        url=added.url,
        version=added.version,
        id=resource_id,
        title=added.title,
        status=added.status,
        date=added.date,
        shipped=False,
        retired=retired,
    )
