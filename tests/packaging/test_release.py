"""`make release`: one version everywhere, changelogs from fragments, the same bytes twice, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from release import prepare
from release.__main__ import main
from release.packages import CHECKSUMS, build, origin_of
from release.prepare import next_steps, prepare_release
from release.repack import repack
from release.tools import ReleaseError
from release.versions import PLACES, Version, check_places, current, parse

# One worker runs all tests of packages, so that each package is built once.
pytestmark = pytest.mark.xdist_group("packages")

ROOT = Path(__file__).resolve().parents[2]
#: Files that may mention the version for another reason: history, pins, and releases that added something.
MENTIONS = re.compile(
    r"version_added: |^requirements-.*\.txt$|^(openapi|tests|release)/|^docs/compatibility|changelog", re.IGNORECASE
)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A repository with a version, a fragment of each project, and nothing else. Version 0.1.0 is released."""
    root = tmp_path / "small"
    for place in PLACES:
        (root / place.path).parent.mkdir(parents=True, exist_ok=True)
        (root / place.path).write_text(place.wanted(Version(0, 1, 0)) + "\n")
    with (root / PLACES[1].path).open("a") as galaxy:
        galaxy.write("namespace: threecx\nname: xapi\nauthors: [Nobody]\nreadme: README.md\n")
    for folder in ("changelogs", "ansible_collection/changelogs"):
        (root / folder / "fragments").mkdir(parents=True)
        (root / folder / "config.yaml").write_text((ROOT / folder / "config.yaml").read_text())
        (root / folder / "fragments" / "one.yml").write_text("bugfixes:\n  - One thing works.\n")
    history = {"changes": {"release_summary": "The first."}, "release_date": "2026-11-01"}
    (root / "changelogs/changelog.yaml").write_text(json.dumps({"ancestor": None, "releases": {"0.1.0": history}}))
    git(tmp_path, "init", "--quiet", str(root))
    git(root, "config", "user.name", "Nobody")
    git(root, "config", "user.email", "nobody@example.com")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Start")
    return root


def test_every_place_states_the_version() -> None:
    check_places(ROOT)
    project = (ROOT / "pyproject.toml").read_text()
    assert 'dynamic = ["version"]' in project
    assert PLACES[0].path in project


def test_no_other_file_repeats_the_version() -> None:
    pattern = rf"(?<![\d.]){re.escape(str(current(ROOT)))}(?![\d.]\d)"
    listed = subprocess.run(["git", "grep", "-nIP", pattern], cwd=ROOT, capture_output=True, text=True, check=False)
    known = {place.path for place in PLACES}
    stray = []
    for line in listed.stdout.splitlines():
        path, _, text = line.split(":", 2)
        if path not in known and not MENTIONS.search(path) and not MENTIONS.search(text):
            stray.append(line)
    assert stray == [], "write it without the version, or add the place to release/versions.py"


def test_unreleased_changes_are_fragments() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert "Unreleased" not in text, "describe the change in changelogs/fragments instead; CHANGELOG.md is generated"


def nothing(root: Path) -> None:
    """Leave the repository as it is."""


def no_change(root: Path) -> None:
    """Have only fragments that describe no change for users."""
    for folder in ("changelogs", "ansible_collection/changelogs"):
        (root / folder / "fragments/one.yml").write_text("trivial:\n  - Nobody notices.\n")
    git(root, "commit", "--quiet", "--all", "--message", "Trivial")


def invalid_fragment(root: Path) -> None:
    """Have a fragment with a section that does not exist."""
    (root / "changelogs/fragments/one.yml").write_text("fixed:\n  - One thing works.\n")
    git(root, "commit", "--quiet", "--all", "--message", "Invalid")


REFUSED: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "too few numbers": ("0.2", nothing, r"VERSION=0\.2 is no version\. Give three numbers"),
    "a prefix": ("v0.2.0", nothing, r"VERSION=v0\.2\.0 is no version"),
    "a leading zero": ("0.02.0", nothing, r"VERSION=0\.02\.0 is no version"),
    "nothing": ("", nothing, r"VERSION= is no version"),
    "released": ("0.1.0", nothing, r"Version 0\.1\.0 exists already"),
    "tagged": ("0.2.0", lambda root: git(root, "tag", "v0.2.0"), r"Version 0\.2\.0 exists already"),
    "lower": ("0.0.9", nothing, r"Version 0\.0\.9 is lower than 0\.1\.0"),
    "changed": ("0.2.0", lambda root: (root / "new.txt").touch(), r"changes that are not committed \(new\.txt\)"),
    "no change": ("0.2.0", no_change, r"There is nothing to release: changelogs/fragments and ansible_collection/"),
    "invalid fragment": ("0.2.0", invalid_fragment, r"antsibull-changelog failed:\n.*one\.yml"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_released_is_refused_with_one_message(reason: str, small: Path, tmp_path: Path) -> None:
    version, spoil, message = REFUSED[reason]
    spoil(small)
    before = git(small, "rev-parse", "HEAD"), git(small, "status", "--porcelain")
    with pytest.raises(ReleaseError, match=message):
        prepare_release(version, small, tmp_path / "dist", dry_run=False)
    assert (git(small, "rev-parse", "HEAD"), git(small, "status", "--porcelain")) == before
    assert not (tmp_path / "dist").exists()


def test_the_command_prints_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "1.0"]) == 1
    assert (
        capsys.readouterr().err
        == "error: VERSION=1.0 is no version. Give three numbers, such as make release VERSION=1.2.3\n"
    )
    assert main(["check", "v999.0.0"]) == 1
    assert capsys.readouterr().err == f"error: The tag v999.0.0 is not that of version {current(ROOT)}.\n"
    assert main(["check", f"v{current(ROOT)}"]) == 0
    steps = next_steps("0.2.0")
    assert "git tag --annotate v0.2.0" in steps
    assert "git push origin HEAD v0.2.0" in steps


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_release_is_one_commit_and_a_dry_run_is_none(
    dry_run: bool, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small / "ansible_collection/changelogs/fragments/one.yml").unlink()
    (small / "ansible_collection/changelogs/fragments").rmdir()
    git(small, "commit", "--quiet", "--all", "--message", "Only the package has changed")
    before = git(small, "rev-parse", "HEAD")
    seen: dict[str, str] = {}

    def building(tree: Path, into: Path, *, epoch: int, **_: object) -> list[Path]:
        seen.update({path: (tree / path).read_text() for path in ("CHANGELOG.md", "ansible_collection/CHANGELOG.rst")})
        check_places(tree)
        seen["version"] = str(current(tree))
        seen["subject"], seen["time"] = git(tree, "log", "-1", "--format=%s%n%ct").splitlines()
        assert int(seen["time"]) == epoch
        assert git(tree, "status", "--porcelain") == ""
        assert not (tree / "ansible_collection/changelogs/.plugin-cache.yaml").exists()
        return []

    monkeypatch.setattr(prepare, "build", building)
    prepare_release("0.2.0", small, tmp_path / "dist", dry_run=dry_run)
    assert seen["version"] == "0.2.0"
    assert seen["subject"] == "Release 0.2.0"
    assert "One thing works" in seen["CHANGELOG.md"]
    assert "v0\\.2\\.0" in seen["CHANGELOG.md"]
    assert "No changes. Released together with the Python package." in seen["ansible_collection/CHANGELOG.rst"]
    assert git(small, "status", "--porcelain") == ""
    assert git(small, "tag") == ""
    if dry_run:
        assert git(small, "rev-parse", "HEAD") == before
    else:
        assert git(small, "rev-parse", "HEAD^") == before
        assert str(current(small)) == "0.2.0"
        assert list((small / "changelogs/fragments").glob("*")) == []


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A clone of this checkout in which the next minor version was released, and its packages."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    place = tmp_path_factory.mktemp("release")
    git(place, "clone", "--quiet", str(ROOT), str(place / "clone"))
    git(place / "clone", "remote", "set-url", "origin", "git@example.com:somebody/threecx.git")
    git(place / "clone", "config", "user.name", "Nobody")
    git(place / "clone", "config", "user.email", "nobody@example.com")
    version = parse(f"{current(ROOT).major}.{current(ROOT).minor + 1}.0")
    prepare_release(str(version), place / "clone", place / "dist", dry_run=False)
    return place / "clone", place / "dist"


def test_a_release_has_all_files_and_their_checksums(released: tuple[Path, Path]) -> None:
    clone, dist = released
    version = current(clone)
    assert {path.name for path in dist.iterdir()} == {
        f"threecx_xapi-{version}-py3-none-any.whl", f"threecx_xapi-{version}.tar.gz", f"threecx-xapi-{version}.tar.gz",
        f"threecx-xapi-{version}.cdx.json", CHECKSUMS,
    }  # fmt: skip
    lines = [line.partition("  ") for line in (dist / CHECKSUMS).read_text().splitlines()]
    sums = {name: digest for digest, _, name in lines}
    assert set(sums) == {path.name for path in dist.iterdir()} - {CHECKSUMS}
    for name, digest in sums.items():
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest
    check_places(clone)
    for changelog in ("CHANGELOG.md", "ansible_collection/CHANGELOG.rst"):
        assert str(version) in (clone / changelog).read_text().replace("\\", "")
    with tarfile.open(dist / f"threecx-xapi-{version}.tar.gz") as tarball:
        manifest = json.load(tarball.extractfile("MANIFEST.json"))  # type: ignore[arg-type]
        assert "changelogs/fragments/0.1.0.yml" not in tarball.getnames()
    assert manifest["collection_info"]["version"] == str(version)
    assert manifest["collection_info"]["repository"] == "https://example.com/somebody/threecx"


def test_the_tag_builds_the_same_bytes_in_another_folder(released: tuple[Path, Path], tmp_path: Path) -> None:
    clone, dist = released
    old = os.umask(0o077)
    try:
        git(tmp_path, "clone", "--quiet", str(clone), str(tmp_path / "elsewhere"))
        origin = origin_of(clone)
        build(tmp_path / "elsewhere", tmp_path / "again", origin=origin)
    finally:
        os.umask(old)
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir() if path.name != CHECKSUMS}
    assert len(again) == 3
    for name, content in again.items():
        assert content == (dist / name).read_bytes(), name


def test_the_bill_of_materials_has_every_dependency_and_nothing_that_changes(released: tuple[Path, Path]) -> None:
    clone, dist = released
    text = (dist / f"threecx-xapi-{current(clone)}.cdx.json").read_text()
    bill = json.loads(text)
    names = {component["name"].lower() for component in bill["components"]}
    assert {
        "httpx",
        "attrs",
        "click",
        "pyyaml",
        "jinja2",
        "rich",
        "redis",
        "graphviz-pure",
        "starlette",
        "h11",
    } <= names
    assert not names & {"pytest", "mypy", "ansible-core", "pip"}
    assert bill["metadata"]["component"]["version"] == str(current(clone))
    assert "serialNumber" not in bill, "it would be another one each time"
    assert "/site-packages" not in text
    assert "/tmp" not in text


def test_a_repacked_tarball_depends_on_its_files_alone(tmp_path: Path) -> None:
    """The order of the file system, owners, times and the umask of the builder make no difference."""
    contents = {"b.txt": b"two", "a.txt": b"one"}
    results = []
    for number, order in enumerate((sorted(contents), sorted(contents, reverse=True))):
        listed = json.dumps({"files": [{"name": name} for name in order], "format": 1}).encode()
        manifest = json.dumps({"file_manifest_file": {"chksum_sha256": hashlib.sha256(listed).hexdigest()}}).encode()
        source = tmp_path / f"{number}.tar.gz"
        with tarfile.open(source, "w:gz") as tarball:
            files = {"MANIFEST.json": manifest, "FILES.json": listed, **{name: contents[name] for name in order}}
            for name, content in files.items():
                path = tmp_path / "file"
                path.write_bytes(content)
                info = tarball.gettarinfo(path, name)
                info.mtime, info.uid, info.uname, info.mode = number, number, f"user{number}", 0o600 + 0o44 * number
                with path.open("rb") as file:
                    tarball.addfile(info, file)
        repack(source, tmp_path / f"{number}.out", 1_700_000_000)
        results.append((tmp_path / f"{number}.out").read_bytes())
    assert results[0] == results[1]
    with tarfile.open(tmp_path / "0.out") as tarball:
        assert tarball.getnames() == ["MANIFEST.json", "FILES.json", "a.txt", "b.txt"]
        found = json.load(tarball.extractfile("MANIFEST.json"))  # type: ignore[arg-type]
        listed = tarball.extractfile("FILES.json").read()  # type: ignore[union-attr]
        assert found["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(listed).hexdigest()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/some/where.git", "https://github.com/some/where"),
        ("git@github.com:some/where.git", "https://github.com/some/where"),
        # The password is invented; it must not get into a package.
        ("https://user:invented@github.com/some/where", "https://github.com/some/where"),
        ("/srv/git/where", None),
        (None, None),
    ],
)
def test_the_address_of_the_repository(url: str | None, address: str | None, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", ".")
    if url is not None:
        git(tmp_path, "remote", "add", "origin", url)
    assert origin_of(tmp_path) == address
