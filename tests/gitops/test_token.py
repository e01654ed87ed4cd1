"""A repository of anyone gets neither the token of the forge for another server nor files of the controller."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.filter.urlsplit import split_url
from jinja2 import Environment

from tests.collection.tree import ROOT
from tests.gitops.forge import TOKEN

_TASKS = ROOT / "ansible_collection" / "playbooks" / "tasks" / "check_out.yml"


def environment_of_git(repository: str) -> dict[str, str]:
    [block] = yaml.safe_load(_TASKS.read_text())
    jinja = Environment()
    jinja.filters |= {"urlsplit": split_url, "split": str.split}
    known: dict[str, Any] = {"pull_request_repository": repository, "pull_request_ca_path": ""}
    for name, text in {**block.get("vars", {}), **block["environment"]}.items():
        known[name] = jinja.from_string(text).render(known)
    return {name: known[name] for name in block["environment"] if not name.endswith("_2")}


def has_token(repository: str, asked: str) -> bool:
    """Whether git gets the token for a URL."""
    environment = {**environment_of_git(repository), "PULL_REQUEST_TOKEN": TOKEN, "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(
        ["git", "credential", "fill"], input=f"url={asked}\n\n", capture_output=True, text=True, check=False,
        env={**environment, "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"},
    )  # fmt: skip
    return f"password={TOKEN}" in done.stdout


def test_only_the_forge_gets_the_token() -> None:
    forge = "https://git.example.com:8443/acme/phones.git"
    assert has_token(forge, forge)
    assert has_token("https://reader@git.example.com:8443/acme/phones.git", forge)
    for other in ("https://lfs.example.net/acme", "https://git.example.com/acme", "http://git.example.com:8443/acme"):
        assert not has_token(forge, other)
    for elsewhere in ("git@git.example.com:acme/phones.git", "/srv/phones.git"):
        assert not has_token(elsewhere, "https://lfs.example.net/acme")


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    private, repository, clone = tmp_path / "private.yml", tmp_path / "phones", tmp_path / "clone"
    private.write_text("password: hunter2\n")  # invented
    repository.mkdir()
    (repository / "users.yml").symlink_to(private)
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "Link"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    environment = {**environment_of_git(str(repository)), "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "clone", "-q", repository, clone], check=True, env=environment)
    assert "hunter2" not in (clone / "users.yml").read_text()
