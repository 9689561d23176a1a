"""What is no directory is refused whole, with what it seems to be and what to do."""

from pathlib import Path

import pytest

from directory.open_referral.mapping import SHIPPED
from directory.open_referral.reading import Unexplained, Unreadable, read_source

WAY = (
    "A mapping file says which column is what; those that come with the directory:"
    " ilao, plain-csv, uk-foodbanks"
)
NO_COLUMN = f"no column is one of HSDS (it has: Service name, Postcode). {WAY}"
MANY = ",".join(f"Field {number}" for number in range(12))
TEN = ", ".join(f"Field {number}" for number in range(10))


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
                f" or another object of Open Referral; its first object has: Club). {WAY}"
            ),
        ),
        (
            "a.json",
            '{"id": "1", "na',
            "nothing of it could be read: document: the JSON breaks off at line 1, column 16",
        ),
        ("a.csv", "", "the file is empty"),
        (
            "a.csv",
            "Service name,Postcode\nFood bank,LS9 6AU\n",
            NO_COLUMN,
        ),
        (
            "services.csv",
            "Service name,Postcode\nFood bank,LS9 6AU\n",
            NO_COLUMN,
        ),
        (
            "contacts.csv",
            "Service name,Postcode\nFood bank,LS9 6AU\n",
            NO_COLUMN,
        ),
        (
            "readme.csv",
            "# About this\n\nIt is a program, and more.\nRun it.\n",
            f"no column is one of HSDS (it has: # About this). {WAY}",
        ),
        (
            "many.csv",
            f"{MANY}\n",
            f"no column is one of HSDS (it has: {TEN} and 2 more). {WAY}",
        ),
        (
            "ours.csv",
            "id,organisation,name,phone\n1,One,2,3\n",
            f"no column is one that only HSDS has (it has: id, organisation, name, phone). {WAY}",
        ),
        (
            "ours.csv",
            "id,name,organization_id,town\n1,One,2,Leeds\n",
            (
                "it has columns of HSDS (id, name, organization_id), but nothing says of which"
                f" table: put it into a zip under the table's name, as services.csv. {WAY}"
            ),
        ),
        (
            "services.csv",
            "id,name,organization_id\n",
            "its tables have no row: there is nothing to import",
        ),
        (
            "services.csv",
            "id,name,organization_id\n1,One",
            "nothing of it could be read: services.csv:2: 2 cells, the header has 3",
        ),
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
    fits = "its columns are those of uk-foodbanks, a mapping that comes with the directory"
    assert _refusal(foodbanks) == f"foodbanks.json: {fits}: import it with that"
    with pytest.raises(Unexplained) as refused:
        list(read_source(foodbanks))
    assert refused.value.mapping == "uk-foodbanks"


@pytest.mark.parametrize("content", ["A,B\n1,2\n", "id,name\n1,One\n"])
def test_no_word_of_a_command_is_said_where_a_mapping_would_help(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-16")
    with pytest.raises(Unexplained) as refused:
        list(read_source(path))
    assert refused.value.mapping == ""
    assert "--" not in str(refused.value)
    assert content.partition("\n")[0].replace(",", ", ") in str(refused.value)


def test_a_mapping_that_makes_nothing_names_the_columns_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Titel,name\nOne,\n", encoding="utf-8")
    asked = "address, country, email, lat, location_name, lon, network, phone, postcode"
    absent = (
        "the mapping makes nothing of this row; the file has not the columns that it asks for:"
        f" {asked}, shopping_list_url and 1 more"
    )
    said = _refusal(path, SHIPPED / "uk-foodbanks.yaml")
    assert said == f"a.csv: nothing of it could be read with this mapping (a.csv:2: {absent})"
    path = tmp_path / "a.json"
    path.write_text('[{"Titel": "One", "name": ""}]', encoding="utf-16")
    said = _refusal(path, SHIPPED / "uk-foodbanks.yaml")
    assert said == f"a.json: nothing of it could be read with this mapping (a.json[0]: {absent})"


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
