"""A download from a PBX that means harm: it goes where it was asked to go, as a plain file, whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from tests.trust.tasks import Result, run
from tests.trust.users import ALICE, only_root, own

CONTENT = "what the PBX sends"


@pytest.fixture(autouse=True)
def _private(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    yield
    _client.forget()


def download(pbx: SimulatedPbx, dest: Path | str, header: str | None, **options: Any) -> Result:
    headers = {"Content-Type": "application/octet-stream"} | ({} if header is None else {"Content-Disposition": header})
    pbx.fail("/xapi/v1/Users/Pbx.ExportExtensions", status=200, headers=headers, body=CONTENT)
    access: dict[str, Any] = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    return run("operation", operation="ExportExtensions", dest=str(dest), **access, **options)


NAMES = [
    "../../escaped",
    "/escaped",
    "..\\..\\escaped",
    "..%2F..%2Fescaped",
    "folder/../../escaped",
    "escaped\x00.csv",
    "\u202egpj.escaped",
    ".bashrc",
    "-rf",
    "a" * 300,
    "con\x7ftrol\x1b[2J",
    "....//....//escaped",
    "~/escaped",
    "$HOME",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "form", ['attachment; filename="{}"', "attachment; filename*=UTF-8''{}", "inline; filename={}"]
)
def test_a_name_leads_nowhere_else(pbx: SimulatedPbx, tmp_path: Path, name: str, form: str) -> None:
    dest = tmp_path / "above" / "dest"
    dest.mkdir(parents=True)
    plain = name if name.isascii() and name.isprintable() and "*" not in form else quote(name, safe="./\\~$")
    result = download(pbx, dest, form.format(plain))
    written = [path for path in tmp_path.rglob("*") if not path.is_dir()]
    if result.data.get("failed"):
        assert "suggests no name" in result.data["msg"]
        assert written == []
        return
    assert written == [Path(result.data["file"])]
    assert written[0].parent == dest.resolve()
    assert written[0].name.isprintable()
    assert not written[0].name.startswith(".")
    assert written[0].read_text() == CONTENT
    assert stat.S_IMODE(written[0].stat().st_mode) == 0o600


@pytest.mark.parametrize("umask", [0, 0o077, 0o777], ids="{:03o}".format)
@pytest.mark.parametrize("mode", ["0600", "0640", "0444", "0000"])
def test_the_mode_is_the_one_that_was_given(pbx: SimulatedPbx, tmp_path: Path, mode: str, umask: int) -> None:
    before = os.umask(umask)
    try:
        download(pbx, tmp_path / "f", None, mode=mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == int(mode, 8)


@pytest.mark.parametrize("mode", [600, 640, 644, 0o1777, -1, True, "rw", "99999", 6.4, ["0640"]])
def test_what_is_no_mode_is_refused(pbx: SimulatedPbx, tmp_path: Path, mode: Any) -> None:
    """A number is what YAML makes of it: 0640 is meant as it is, and 640 would be another."""
    failed = download(pbx, tmp_path / "f", None, mode=mode).data
    assert failed["msg"].startswith("mode: ")
    assert "in quotes" in failed["msg"]
    assert not (tmp_path / "f").exists()


def test_a_number_may_be_a_mode(pbx: SimulatedPbx, tmp_path: Path) -> None:
    download(pbx, tmp_path / "f", None, mode=0o640)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o640


@pytest.mark.parametrize("kind", ["link", "link to nothing", "folder", "pipe"])
def test_what_is_there_already(pbx: SimulatedPbx, tmp_path: Path, kind: str) -> None:
    """Under the name the PBX suggests: nothing is followed, nothing waits."""
    dest, outside = tmp_path / "dest", tmp_path / "outside"
    dest.mkdir()
    if kind == "link":
        outside.write_text("precious")
    if kind.startswith("link"):
        (dest / "f").symlink_to(outside)
    elif kind == "folder":
        (dest / "f").mkdir()
    else:
        os.mkfifo(dest / "f")
    result = download(pbx, dest, 'attachment; filename="f"')
    if kind.startswith("link"):
        assert (dest / "f").read_text() == CONTENT
        assert not (dest / "f").is_symlink()
    else:
        assert result.data["failed"]
        assert "Nothing was written" in result.data["msg"]
    assert outside.exists() is (kind == "link")
    assert not outside.exists() or outside.read_text() == "precious"
    assert [path.name for path in dest.iterdir()] == ["f"]


def test_cut_off_in_the_middle_leaves_nothing(pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("older")
    headers = {"Content-Type": "application/octet-stream", "Content-Length": "1000000"}
    pbx.fail("/xapi/v1/Users/Pbx.ExportExtensions", status=200, times=9, headers=headers, body=CONTENT, disconnect=True)
    access: dict[str, Any] = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    failed = run("operation", operation="ExportExtensions", dest=str(tmp_path / "f"), **access)
    assert failed.data["failed"]
    assert (tmp_path / "f").read_text() == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.fixture
def everybodys(tmp_path: Path) -> Path:
    """A folder like /tmp."""
    folder = tmp_path / "everybodys"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@only_root
@pytest.mark.parametrize("within", ["", "folder/f"], ids=["the file", "its folder"])
def test_a_link_that_somebody_else_has_left_leads_nowhere(
    pbx: SimulatedPbx, tmp_path: Path, everybodys: Path, within: str
) -> None:
    """As Linux refuses it where fs.protected_symlinks is set. It waits where a task is known to store its export."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("precious")
    link = everybodys / (within.partition("/")[0] or "f")
    link.symlink_to(outside if within else outside / "f")
    own(link, ALICE)
    failed = download(pbx, everybodys / (within or "f"), None).data
    assert failed["failed"]
    assert f"{link} is a symbolic link of another user" in failed["msg"]
    assert (outside / "f").read_text() == "precious"
    assert [one for one in pbx.requests if one.path.startswith("/xapi")] == []


def test_a_link_of_our_own_is_followed_there_too(pbx: SimulatedPbx, tmp_path: Path, everybodys: Path) -> None:
    (everybodys / "f").symlink_to("../outside/../f")
    (tmp_path / "outside").mkdir()
    assert download(pbx, everybodys / "f", None).data["file"] == str(tmp_path.resolve() / "f")
    assert (tmp_path / "f").read_text() == CONTENT


def test_a_link_that_leads_in_circles(pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "f").symlink_to("f")
    assert "loop of symbolic links" in download(pbx, tmp_path / "f", None).data["msg"]
    assert (tmp_path / "f").is_symlink()


@only_root
@pytest.mark.parametrize("mode", [None, "0640"])
def test_whoever_was_there_first_does_not_decide_who_reads(
    pbx: SimulatedPbx, everybodys: Path, mode: str | None
) -> None:
    """With a file that everybody may read, in the place of a backup to come."""
    (everybodys / "f").touch()
    own(everybodys / "f", ALICE).chmod(0o666)
    download(pbx, everybodys / "f", None, **({} if mode is None else {"mode": mode}))
    found = (everybodys / "f").stat()
    assert (everybodys / "f").read_text() == CONTENT
    assert (stat.S_IMODE(found.st_mode), found.st_uid) == (int(mode or "0600", 8), os.geteuid())
