"""Zips and folders: what is unsafe or out of bounds is refused before a byte is taken."""

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from directory.open_referral.archives import Limits, SourceRefused, files_of

SMALL = Limits(files=5, size=4 << 20, ratio=50)


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """Makes a zip of these members, a name or ZipInfo with its content each."""

    def made(*members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
        path = tmp_path / "source.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members:
                archive.writestr(member, content)
        return path

    return made


def _refused(path: Path, limits: Limits = SMALL) -> str:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(SourceRefused) as refused, files_of(path, limits):
        pass
    assert sorted(path.parent.rglob("*")) == before
    return str(refused.value)


def test_the_members_of_a_zip_are_read_where_they_are(zipped: Callable[..., Path]) -> None:
    path = zipped(("hsds/services.csv", b"id,name\n"), ("hsds/datapackage.json", b"{}"))
    with files_of(path) as files:
        assert files.names == ("hsds/datapackage.json", "hsds/services.csv")
        with files.open("hsds/services.csv") as stream:
            assert stream.read() == b"id,name\n"
    assert [found.name for found in path.parent.iterdir()] == ["source.zip"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../services.csv", "leads out of the folder"),
        ("a/../../services.csv", "leads out of the folder"),
        ("/etc/services.csv", "an absolute name"),
        ("..\\services.csv", "another system's kind"),
        ("C:/services.csv", "another system's kind"),
        ("a\nb.csv", "a control character"),
        ("more.zip", "an archive within"),
    ],
)
def test_a_member_that_leads_out_or_hides_more_is_refused(
    zipped: Callable[..., Path], name: str, reason: str
) -> None:
    assert reason in _refused(zipped((name, b"id\n")))


def test_links_in_a_zip_are_refused(zipped: Callable[..., Path]) -> None:
    link = zipfile.ZipInfo("services.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "a link or device" in _refused(zipped((link, b"/etc/passwd")))


def test_links_that_lead_out_of_a_folder_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("id\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "services.csv").symlink_to(outside)
    assert "leads out of the folder" in _refused(folder)


def test_bombs_are_refused(zipped: Callable[..., Path]) -> None:
    assert "swells more than 50 times" in _refused(zipped(("services.csv", b"0" * (2 << 20))))
    assert "more than 4,194,304 bytes" in _refused(
        zipped(("a.csv", b"0" * (3 << 20)), ("b.csv", b"0" * (3 << 20)))
    )
    assert "more than 5 files" in _refused(zipped(*((f"{n}.csv", b"id\n") for n in range(6))))


def test_a_list_of_members_too_long_to_read_is_refused_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "source.zip"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 900_000_000, 0, 0)
    path.write_bytes(b"PK\x03\x04" + end)
    assert "more than 5 files" in _refused(path)


def test_a_member_twice_is_refused(zipped: Callable[..., Path]) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(("services.csv", b"id\n"), ("services.csv", b"id,name\n"))
    assert "in the zip twice" in _refused(path)


def test_a_locked_member_is_refused(zipped: Callable[..., Path]) -> None:
    path = zipped(("services.csv", b"id\n"))
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "locked with a password" in _refused(path)


@pytest.mark.parametrize("kept", [10, -5])
def test_a_zip_cut_short_is_refused(zipped: Callable[..., Path], kept: int) -> None:
    path = zipped(("services.csv", b"id,name\n" * 99))
    path.write_bytes(path.read_bytes()[:kept])
    assert "not a whole zip file" in _refused(path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert "no such file or folder" in _refused(tmp_path / "nowhere")
