"""Workflows of GitHub: pinned actions, least permissions, and publishing only what was built and attested."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
#: Write permissions of jobs; every other job reads at most the repository.
WRITES = {
    ("release.yml", "attest"): {"attestations", "id-token"},
    ("release.yml", "pypi"): {"id-token"},
    ("release.yml", "github"): {"contents"},
}
_PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def workflow(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text())
    return content


def release() -> dict[Any, Any]:
    return workflow(FOLDER / "release.yml")


def runs(job: dict[str, Any]) -> str:
    return "\n".join(str(step.get("run", "")) for step in job["steps"])


def actions(job: dict[str, Any]) -> list[str]:
    return [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]


def test_each_action_is_pinned_to_a_commit() -> None:
    for path in FOLDER.glob("*.yml"):
        lines = [line.strip(" -") for line in path.read_text().splitlines() if line.strip(" -").startswith("uses:")]
        assert lines
        assert [line for line in lines if not _PINNED.fullmatch(line)] == [], path.name


def test_each_job_has_the_permissions_it_needs_and_no_others() -> None:
    for path in FOLDER.glob("*.yml"):
        content = workflow(path)
        assert content["permissions"] in ({}, {"contents": "read"}), path.name
        for name, job in content["jobs"].items():
            permissions = job.get("permissions", content["permissions"])
            written = {scope for scope, access in permissions.items() if access != "read"}
            assert written == WRITES.get((path.name, name), set()), f"{path.name}: {name}"
            assert "timeout-minutes" in job, f"{path.name}: {name}"


def test_no_script_contains_text_from_outside() -> None:
    """A name of a branch or tag would be run by the shell; in the environment it is data."""
    for path in FOLDER.glob("*.yml"):
        for name, job in workflow(path)["jobs"].items():
            for expression in re.findall(r"\$\{\{(.*?)\}\}", runs(job)):
                assert expression.strip().startswith("matrix."), f"{path.name}: {name}: {expression}"


def test_only_a_tag_publishes() -> None:
    content = release()
    assert content[True] == {"push": {"tags": ["v*"]}}, "YAML reads the key on as true"
    jobs = content["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "build": None, "attest": "build", "pypi": "attest", "galaxy": "pypi", "github": ["pypi", "galaxy"],
    }  # fmt: skip
    assert 'release check "$GITHUB_REF_NAME"' in runs(jobs["build"])
    assert "cmp build/dist/SHA256SUMS build/again/SHA256SUMS" in runs(jobs["build"])
    assert {"actions/attest-build-provenance", "actions/attest-sbom"} <= set(actions(jobs["attest"]))
    assert actions(jobs["pypi"])[-1] == "pypa/gh-action-pypi-publish"
    for name in ("attest", "pypi", "github"):
        assert "actions/checkout" not in actions(jobs[name]), "it publishes what was built, and runs no code of the tag"


def test_credentials_are_short_lived_or_in_the_environment_of_one_step() -> None:
    jobs = release()["jobs"]
    assert (jobs["pypi"]["environment"], jobs["galaxy"]["environment"]) == ("pypi", "galaxy")
    [publish] = [step for step in jobs["pypi"]["steps"] if "pypi-publish" in step.get("uses", "")]
    assert "password" not in publish["with"], "trusted publishing needs none"
    text = (FOLDER / "release.yml").read_text()
    assert re.findall(r"secrets\.\w+", text) == ["secrets.GALAXY_TOKEN"]
    [step] = [step for step in jobs["galaxy"]["steps"] if "secrets." in str(step)]
    assert step["run"].startswith("ansible-galaxy collection publish ")
    for job in jobs.values():
        for step in job["steps"]:
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_the_patterns_of_the_workflow_fit_the_built_files(built: Path) -> None:
    names = [path.name for path in built.iterdir()]
    fit = {
        pattern: [name for name in names if fnmatch(name, pattern)]
        for pattern in ("threecx_xapi-*", "threecx-xapi-*.tar.gz")
    }
    assert sorted(Path(name).suffix for name in fit["threecx_xapi-*"]) == [".gz", ".whl"]
    assert len(fit["threecx-xapi-*.tar.gz"]) == 1
    jobs = release()["jobs"]
    assert "cp packages/threecx_xapi-* dist/" in runs(jobs["pypi"])
    assert "publish dist/threecx-xapi-*.tar.gz" in runs(jobs["galaxy"])


def test_the_make_targets_exist() -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in FOLDER.glob("*.yml"):
        for job in workflow(path)["jobs"].values():
            assert set(re.findall(r"\bmake ([a-z]+)", runs(job))) <= known, path.name
