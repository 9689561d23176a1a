"""A server without releases, or without the libraries of reporting, still serves."""

import subprocess
import sys
from pathlib import Path

import pytest

BARE_SERVER = """
import sys
if sys.argv[2] == "bare":
    class Absent:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in {"pyarrow", "numpy", "scipy", "ibis", "duckdb", "pandas"}:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    sys.meta_path.insert(0, Absent())
from pathlib import Path
from template_service import clock
from template_service.access.principal import Role
from template_service.access.tokens import token_create
from template_service.app import create_app
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.settings import Settings
app = create_app(Settings(data=Path(sys.argv[1])))
service = app.extensions["template_service"]
assert not {"duckdb", "template_service.aggregates.figures"} & set(sys.modules)
with service.store.write() as conn:
    import_organisations(conn, [Organisation(ods_code="15F", name="City", kind=Kind.CITY)])
    token = token_create(
        conn, role=Role.PUBLIC_HEALTH, organisation_id="15F", days=1, now=clock.now()
    ).token
for path in ("Measure/need", "Measure", "MeasureReport", "MeasureReport/need-E08000035-2026-09",
             "Measure/need/$evaluate-measure?periodStart=2026-09&periodEnd=2026-09"):
    answer = app.test_client().get(f"/fhir/{path}", headers={"Authorization": f"Bearer {token}"})
    issue = answer.get_json(force=True).get("issue", [{}])[0]
    print(answer.status_code, issue.get("code"), issue.get("diagnostics"))
service.close()
"""


@pytest.mark.parametrize(
    ("server", "figures"),
    [
        ("bare", "501 not-supported Reporting is not installed on this server"),
        ("whole", "404 not-found There is no release yet"),
    ],
)
def test_a_server_without_figures_starts_and_says_what_is_missing(
    tmp_path: Path, root: Path, server: str, figures: str
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", BARE_SERVER, tmp_path, server],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == ["200 None None"] * 2 + [figures] * 3
