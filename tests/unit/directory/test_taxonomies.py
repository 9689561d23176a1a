"""The crosswalk: terms of others by URI, code and label; a deployment's own; nothing invented."""

from pathlib import Path

import pytest

from directory.model import NEEDS
from directory.taxonomies import InvalidMapping, Term, crosswalk, read_mapping


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "airs.csv"
    path.write_text(
        "vocabulary,code,label,uri,need\n"
        "AIRS,BD-1800*,,,food-aid\n"
        "AIRS,BD-1800.2000,,,food-pantry\n"
        "Council,,Money worries,,debt-advice\n"
        "Council,,,https://council.example/terms/7,housing-advice\n"
        "openEligibility,102-02,,,food-pantry\n",
        encoding="utf-8-sig",
    )
    return path


@pytest.mark.parametrize(
    ("term", "needs"),
    [
        (Term("needs", "food-aid"), ("food-aid",)),
        (
            Term("https://template-service.example/fhir/CodeSystem/need-categories", "esol"),
            ("esol",),
        ),
        (Term("openEligibility", "102-02"), ("food-aid",)),
        (Term("Open Eligibility", "102-04"), ("food-aid", "food-pantry")),
        (Term("", "openEligibility:102-02"), ("food-aid",)),
        (Term("Somebody's list", "esdServiceType:1755"), ("carers-assessment",)),
        (Term(uri="http://id.esd.org.uk/service/298"), ("carer-support",)),
        (Term(uri="https://id.esd.org.uk/service/298/"), ("carer-support",)),
        (Term("openEligibility", "", "emergency  food"), ("food-aid",)),
        (Term("openEligibility", "no-such", "Emergency Food"), ("food-aid",)),
        (Term("Our list", "17", "Emergency Food"), ("food-aid",)),
        (Term("Our list", "17", "Food Pantry"), ()),
        (Term("Our list", "102-02", "Something"), ()),
        (Term("LGA Services List", "4"), ("free-school-meals",)),
        (Term("LGA Needs List", "4"), ()),
        (Term("LGA Services List", "328", "Bereavement"), ()),
        (Term(), ()),
        (Term("", "food-aid"), ()),
    ],
)
def test_a_term_stands_for_the_needs_it_is_mapped_to(term: Term, needs: tuple[str, ...]) -> None:
    assert crosswalk().needs_of(term) == needs


def test_a_deployment_adds_its_own_terms(mapping: Path) -> None:
    known = crosswalk(mapping)
    assert known.needs_of(Term("airs", "BD-1800.8000-620")) == ("food-aid",)
    assert known.needs_of(Term("AIRS", "BD-1800.2000")) == ("food-pantry",)
    assert known.needs_of(Term("AIRS", "BD-18")) == ()
    assert known.needs_of(Term("Council", "12", "money worries")) == ("debt-advice",)
    assert known.needs_of(Term(uri="https://council.example/terms/7")) == ("housing-advice",)
    assert known.needs_of(Term("openEligibility", "102-02")) == ("food-pantry", "food-aid")
    assert known.needs_of(Term("openEligibility", "103-04")) == ("housing-advice",)
    assert crosswalk().needs_of(Term("AIRS", "BD-1800.2000")) == ()


def test_every_fault_of_a_mapping_file_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(
        "vocabulary,code,need\nAIRS,BD,food-aid\nAIRS,BD,food\nAIRS,,food-aid\n", encoding="utf-8"
    )
    with pytest.raises(InvalidMapping) as caught:
        read_mapping(path)
    assert caught.value.problems == (
        "line 3: need 'food' is none of ours",
        "line 4: neither code nor label nor uri",
    )


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", b"", b"vocabulary,need\n\xff\xfe\n", b'need\n"a']
)
def test_what_is_no_mapping_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidMapping):
        read_mapping(path)
    with pytest.raises(InvalidMapping):
        read_mapping(tmp_path / "no-such.csv")


def test_every_need_is_in_the_crosswalk_and_every_vocabulary_has_source_and_licence() -> None:
    known = crosswalk()
    for need in NEEDS:
        for term in known.terms_of(need):
            assert term.vocabulary in known.vocabularies
            assert term.code or term.label
            assert need in known.needs_of(term)
    for vocabulary in known.vocabularies.values():
        assert vocabulary.source
        assert vocabulary.licence
        assert vocabulary.uri.startswith("http")


def test_documentation_names_every_vocabulary_with_its_licence() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "reference" / "directory-model.md"
    text = page.read_text(encoding="utf-8")
    for vocabulary in crosswalk().vocabularies.values():
        assert vocabulary.name in text
        assert vocabulary.licence.split(";")[0] in text
