"""What is no directory is refused whole, with what it seems to be and what to do."""

from pathlib import Path

import pytest

from directory.open_referral.mapping import SHIPPED
from directory.open_referral.reading import Unreadable, read_source

NEEDS = "needs a mapping file that says what each column is (--format csv --mapping FILE)"
NO_ROW = (
    "no row of a table of HSDS was found in it (services.csv, organizations.csv and so on);"
    f" any other table {NEEDS}"
)


def _refusal(path: Path, mapping: Path | None = None) -> str:
    with pytest.raises(Unreadable) as refused:
        list(read_source(path, mapping=mapping))
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "a.json",
            '{"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"id": "1"}}]}',
            "this is a FHIR Bundle, not a directory",
        ),
        (
            "a.ndjson",
            '{"resourceType": "Organization", "id": "1", "name": "One", "website": "x"}\n',
            "this is a FHIR Organization, not a directory",
        ),
        (
            "a.json",
            '{"type": "FeatureCollection", "features": []}',
            "this is GeoJSON, not a directory",
        ),
        (
            "a.json",
            '{"version": "HSDS-UK-3.0", "openapi_url": "https://example.org/openapi.json"}',
            "this describes an API; import the address that its services are at",
        ),
        ("a.json", "[]", "it holds no object: there is nothing to import"),
        ("a.json", '{"contents": []}', "it holds no object: there is nothing to import"),
        ("a.json", "", "the file is empty"),
        ("a.json", " \n", "the file is empty"),
        (
            "a.json",
            '[{"Club": "Chess"}]',
            (
                "no object of Open Referral was found in it ([0]: not a service, an organization"
                f" or another object of Open Referral); any other list {NEEDS}"
            ),
        ),
        (
            "a.json",
            '{"id": "1", "na',
            "nothing of it could be read: document: the JSON breaks off at byte 15",
        ),
        ("a.csv", "", "the file is empty"),
        (
            "a.csv",
            "Service name,Postcode\nFood bank,LS9 6AU\n",
            f"no column is one of HSDS; any other table {NEEDS}",
        ),
        (
            "services.csv",
            "Service name,Postcode\nFood bank,LS9 6AU\n",
            f"no column is one of HSDS; any other table {NEEDS}",
        ),
        (
            "contacts.csv",
            "Service name,Postcode\nFood bank,LS9 6AU\n",
            f"no column is one of HSDS; any other table {NEEDS}",
        ),
        (
            "readme.csv",
            "# About this\n\nIt is a program, and more.\nRun it.\n",
            f"no column is one of HSDS; any other table {NEEDS}",
        ),
        ("ours.csv", "id,name,organization_id\n1,One,2\n", NO_ROW),
        ("services.csv", "id,name,organization_id\n", NO_ROW),
    ],
)
def test_what_is_no_directory_is_refused(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert _refusal(path) == f"{name}: {reason}"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == f"{tmp_path.name}: the folder is empty"


def test_columns_of_a_mapping_of_ours_name_it(tmp_path: Path, shared: Path) -> None:
    foodbanks = shared / "data" / "directory" / "uk-foodbanks" / "foodbanks.json"
    fits = "its columns are those of uk-foodbanks: give --format csv --mapping uk-foodbanks"
    assert _refusal(foodbanks) == f"foodbanks.json: {fits}"


def test_a_table_that_the_mapping_is_not_for_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}", encoding="utf-8")
    said = _refusal(path, SHIPPED / "uk-foodbanks.yaml")
    assert (
        said
        == "a.json: nothing of it could be read with this mapping (a.json: not a list of objects)"
    )


def test_what_is_meant_as_a_directory_is_quarantined_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "services.csv"
    path.write_text("id,name,organization_id\n1,,2\n", encoding="utf-8")
    (item,) = read_source(path)
    assert item[3] == "name: missing"
