"""The running service as one value: settings, store, directory, geography and forms."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import orjson

from directory.geography import Geography
from directory.kept import KeptDirectory
from directory.matching import Directory
from template_service import data_folder
from template_service.aggregates.areas import Areas
from template_service.aggregates.folder import FOLDER
from template_service.aggregates.kept_figures import KeptFigures
from template_service.artefacts import artefact_paths
from template_service.errors import NotFound
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.records.store import Store
from template_service.settings import Settings

if TYPE_CHECKING:
    from template_service.aggregates.released_figures import ReleasedFigures

# The questionnaire the staff pages show; others are served over FHIR only.
TEMPLATE_ID = "leeds-social-determinants"


class Forms:
    """The compiled questionnaires, found by canonical address or by id."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._by_id = {form.id: form for form in forms}
        self._by_canonical: dict[str, Form] = {}
        for form in self._by_id.values():
            self._by_canonical[form.url] = form
            self._by_canonical[f"{form.url}|{form.version}"] = form

    def find(self, canonical: str) -> Form:
        """The form of a canonical address, with or without `|version`; raises NotFound."""
        try:
            return self._by_canonical[canonical]
        except KeyError:
            raise NotFound("This questionnaire is not in the library") from None

    def by_id(self, questionnaire_id: str) -> Form:
        """The form of a resource id; raises NotFound."""
        try:
            return self._by_id[questionnaire_id]
        except KeyError:
            raise NotFound("This questionnaire is not in the library") from None

    @property
    def ids(self) -> tuple[str, ...]:
        """The resource ids of the library, sorted."""
        return tuple(sorted(self._by_id))


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
        forms=Forms(
            compile_questionnaire(orjson.loads(path.read_bytes()))
            for path in artefact_paths("Questionnaire")
        ),
        kept_figures=KeptFigures(settings.data / FOLDER, partial(Areas.of, geography)),
    )
