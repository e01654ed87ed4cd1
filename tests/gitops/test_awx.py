"""A change goes through a pull request to two phone systems, with the playbooks that AWX runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.collection.tree import ROOT, environment
from tests.gitops.forge import TOKEN, Forge, forge

CANARY = "CANARY-of-a-user"  # invented
PBXS = {"north": AS_SEEN, "south": STRICT_ODATA}


class Awx:
    """A repository with the files of two phone systems and of one that does not answer, and the jobs of AWX."""

    def __init__(self, folder: Path, pbxs: dict[str, SimulatedPbx], forge: Forge) -> None:
        self.folder, self.pbxs, self.forge = folder, pbxs, forge
        self.prefix = "awx"
        secrets = {f"SECRET_{name.upper()}": pbx.client_secret for name, pbx in pbxs.items()}
        person = {
            f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        self.environment = environment(folder, PULL_REQUEST_TOKEN=TOKEN, ANSIBLE_FORKS="4", **secrets, **person)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", "origin.git", within=folder)
        self.git("clone", "--quiet", "origin.git", "work", within=folder)
        self.work = folder / "work"
        self.git("checkout", "--quiet", "-b", "main")
        shutil.copytree(ROOT / "awx" / "project", self.work, dirs_exist_ok=True)
        [client_id] = {pbx.client_id for pbx in pbxs.values()}
        fleet = {
            "plugin": "threecx.xapi.fleet",
            "defaults": {"client_id": client_id, "client_secret_env": "SECRET_{NAME}"},
            "groups": ["customers"],
            "pbxs": {
                **{name: {"url": pbx.url, "groups": ["customers"]} for name, pbx in pbxs.items()},
                "gone": {"url": "http://127.0.0.1:9", "client_secret_env": "SECRET_NORTH"},
            },
        }
        fleet["pbxs"]["north"]["canary"] = True  # type: ignore[index]
        (self.work / "fleet.yml").write_text(yaml.safe_dump(fleet))
        for name in (*pbxs, "gone"):
            (self.work / name).mkdir()
            (self.work / name / "all.yml").write_text('users:\n- {number: "100", mobile: "+15550110"}\n')
        self.commit("Add the phone systems")
        self.git("push", "--quiet", "origin", "main")

    def git(self, *arguments: str, within: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=within or self.work, env=self.environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, subject: str) -> str:
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def pull_request(self, number: int, texts: dict[str, str]) -> dict[str, Any]:
        """Open a pull request with these files; returns what the forge sends to AWX."""
        self.git("checkout", "--quiet", "-B", f"change-{number}", "main")
        for path, text in texts.items():
            (self.work / path).write_text(text)
        head = self.commit(f"Change {number}")
        self.git("push", "--quiet", "origin", f"HEAD:refs/pull/{number}/head")
        self.git("checkout", "--quiet", "main")
        repo = {"full_name": "acme/phones"}
        ends = {"base": {"ref": "main", "repo": repo}, "head": {"sha": head, "repo": repo}}
        return {"action": "opened", "number": number, "pull_request": {**ends, "merged": False}}

    def merge(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Merge a pull request; returns what the forge sends to AWX."""
        self.git("merge", "--quiet", "--squash", f"change-{payload['number']}")
        sha = self.commit("Squashed")
        self.git("push", "--quiet", "origin", "main")
        return {
            **payload,
            "action": "closed",
            "pull_request": {**payload["pull_request"], "merged": True, "merge_commit_sha": sha},
        }

    def job(self, name: str, payload: dict[str, Any] | None, *arguments: str, **variables: Any) -> str:
        """Run a job in a fresh copy of the project, as AWX does; returns its output, whatever the outcome."""
        project = self.folder / "job"
        shutil.rmtree(project, ignore_errors=True)
        self.git("clone", "--quiet", "origin.git", str(project), within=self.folder)
        given = {
            "pull_request_repository": str(self.folder / "origin.git"),
            "pull_request_api": f"{self.forge.url}/repos/acme/phones",
            "pull_request_plans": str(self.folder / "plans"),
            **({} if payload is None else {f"{self.prefix}_webhook_payload": payload}),
            **variables,
        }
        for pbx in self.pbxs.values():
            pbx.clear_log()
        done = subprocess.run(
            ["ansible-playbook", "-i", "fleet.yml", f"{name}.yml", "-e", json.dumps(given), *arguments],
            env=self.environment, cwd=project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        output = done.stdout + done.stderr
        secrets = [pbx.client_secret for pbx in self.pbxs.values()]
        assert not any(secret in output + str(self.forge.comments) for secret in (*secrets, TOKEN, CANARY))
        return output


@pytest.fixture
def awx(tmp_path: Path) -> Iterator[Awx]:
    with forge() as running:
        pbxs = {name: SimulatedPbx(traits=traits) for name, traits in PBXS.items()}
        for pbx in pbxs.values():
            pbx.start()
        yield Awx(tmp_path, pbxs, running)
        for pbx in pbxs.values():
            pbx.stop()


def mobiles(awx: Awx) -> dict[str, Any]:
    return {
        name: next(row for row in pbx.entities("Users") if row["Number"] == "100")["Mobile"]
        for name, pbx in awx.pbxs.items()
    }


def failed(output: str) -> dict[str, int]:
    """The number of failures of each host."""
    return {name: int(count) for name, count in re.findall(r"^(\w+) +: ok=.* failed=(\d+) ", output, re.MULTILINE)}


CHANGED = 'users:\n- {number: "100", mobile: "+15550199"}\n- {number: "177", auth_password: !secret user_177}\n'


def test_exactly_the_reviewed_plans_are_applied(awx: Awx) -> None:
    opened = awx.pull_request(7, {"north/all.yml": CHANGED})
    awx.forge.comments["7"] = [
        {"id": 1, "body": "Looks good."},
        {"id": 2, "body": "<!-- threecx plan -->\nof yesterday"},
    ]
    planned = awx.job("plan", opened, "-vvv")
    assert failed(planned) == {"north": 0, "south": 0, "gone": 1}, planned
    _, comment = awx.forge.said("7")
    assert opened["pull_request"]["head"]["sha"] in comment
    assert "## north: planned" in comment
    assert "user 177" in comment
    assert "## gone: unreachable" in comment
    assert not any(pbx.writes for pbx in awx.pbxs.values()), "a plan writes nothing"
    assert sorted(path.name for path in (awx.folder / "plans" / "7").iterdir()) == ["north.json", "south.json"]

    merged = awx.merge(opened)
    secrets = {"pull_request_secrets": {"user_177": CANARY}}
    applied = awx.job("apply", merged, "-vvv", "--limit", "customers", **secrets)
    assert failed(applied) == {"north": 0, "south": 0}, applied
    assert mobiles(awx)["north"] == "+15550199"
    assert CANARY in str([write.body for write in awx.pbxs["north"].writes])
    assert "## north: applied" in awx.forge.said("7")[2]

    # A second delivery of the webhook finds that the plan is old.
    again = awx.job("apply", merged, "--limit", "north", **secrets)
    assert failed(again) == {"north": 1}
    assert "The plan is old" in again
    assert "## north: failed" in awx.forge.said("7")[2]
    assert not awx.pbxs["north"].writes

    # The next morning, after a colleague was there.
    pbx = awx.pbxs["south"]
    pbx.put("Users", {**next(row for row in pbx.entities("Users") if row["Number"] == "100"), "Mobile": "+15550155"})
    drift = awx.job("drift", None, "--limit", "customers")
    assert failed(drift) == {"north": 0, "south": 1}, drift
    assert "user 100" in drift


def test_what_was_not_reviewed_is_refused(awx: Awx) -> None:
    opened = awx.pull_request(8, {"north/all.yml": 'users:\n- {number: "100", mobile: "+15550199"}\n'})
    awx.forge.down = True
    silent = awx.job("plan", None, "--limit", "customers", survey_pull_request=8)
    assert failed(silent) == {"north": 1, "south": 0}
    assert "The comment could not be written" in silent
    assert "503" in silent

    # Somebody pushes to main between the plan and the merge.
    awx.forge.down = False
    (awx.work / "north" / "more.yml").write_text("faxes:\n- number: '877'\n")
    awx.commit("Push past the review")
    refused = awx.job("apply", awx.merge(opened), "--limit", "customers")
    assert failed(refused) == {"north": 1, "south": 1}
    assert "## south: skipped\n\nIt was not begun, because a canary failed: north." in awx.forge.said("8")[0]
    assert not awx.pbxs["south"].requests
    assert "The plan was not made from the files" in refused
    assert "## north: failed" in awx.forge.said("8")[0]
    assert not awx.pbxs["north"].writes
    assert mobiles(awx)["north"] == "+15550110"


def test_gitlab_is_spoken_to_in_its_terms(awx: Awx) -> None:
    awx.pull_request(3, {"north/all.yml": 'faxes:\n- number: "877"\n'})
    awx.git("push", "--quiet", "origin", "change-3:refs/merge-requests/3/head")
    awx.forge.comments["3"] = [{"id": 5, "body": "<!-- threecx plan -->\nof yesterday"}]
    merge = {"iid": 3, "action": "update", "target_branch": "main", "source_project_id": 1, "target_project_id": 1}
    awx.prefix = "tower"
    given = {"pull_request_forge": "gitlab", "pull_request_api": f"{awx.forge.url}/projects/acme%2Fphones"}
    output = awx.job("plan", {"object_attributes": merge}, "--limit", "north", **given)
    assert failed(output) == {"north": 0}, output
    assert [request.split()[0] for request in awx.forge.requests] == ["GET", "PUT"]
    assert "fax 877" in awx.forge.said("3")[0]


def test_events_that_start_a_job() -> None:
    """Each job does nothing for events that are not its own, nor for forks and branches that nobody protects."""

    def starts(name: str, payload: dict[str, Any] | None) -> bool:
        [play] = yaml.safe_load((ROOT / "awx" / "project" / f"{name}.yml").read_text())
        given = {
            "payload": payload or {},
            "merge": (payload or {}).get("object_attributes", {}),
            "pull_request_base": play["vars"]["pull_request_base"],
        }
        return bool(Environment().compile_expression(play["when"])(**given))

    def github(
        action: str, head: str = "acme/phones", *, merged: bool = False, base: str = "main"
    ) -> dict[str, Any]:  # fmt: skip
        ends = {"head": {"repo": {"full_name": head}}, "base": {"ref": base, "repo": {"full_name": "acme/phones"}}}
        return {"action": action, "pull_request": {**ends, "merged": merged}}

    def gitlab(action: str, source: int = 1, base: str = "main") -> dict[str, Any]:
        projects = {"source_project_id": source, "target_project_id": 1}
        return {"object_attributes": {"action": action, "target_branch": base, **projects}}

    table = [
        (None, True, True),
        ({"ref": "refs/heads/main"}, False, False),
        (github("opened"), True, False),
        (github("synchronize"), True, False),
        (github("opened", "someone/phones"), False, False),
        (github("closed"), False, False),
        (github("closed", merged=True), False, True),
        (github("opened", base="mine"), False, False),
        (github("closed", merged=True, base="mine"), False, False),
        (gitlab("open"), True, False),
        (gitlab("update", source=2), False, False),
        (gitlab("close"), False, False),
        (gitlab("merge"), False, True),
        (gitlab("open", base="mine"), False, False),
        (gitlab("merge", base="mine"), False, False),
    ]
    assert [(payload, starts("plan", payload), starts("apply", payload)) for payload, _, _ in table] == table
