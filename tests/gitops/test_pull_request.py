"""A change goes through a pull request to the phone system, with the shell steps of the workflow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.gitops.workflow import WORKFLOW, GitHub, load


def _github(folder: Path, pbx: SimulatedPbx) -> GitHub:
    return GitHub(
        folder,
        {
            "vars.PBX_URL": pbx.url,
            "secrets.PBX_CLIENT_ID": pbx.client_id,
            "secrets.PBX_CLIENT_SECRET": pbx.client_secret,
            "github.token": "invented-token",  # an invented credential
            "github.repository": "acme/phones",
            "github.event.pull_request.number": "7",
            "github.event.pull_request.merge_commit_sha": "",
        },
    )


def _pull_request(hub: GitHub, work: Path, branch: str, text: str) -> tuple[str, str]:
    """A branch with one more file; its commit, and that of its merge with main."""
    hub.git("checkout", "--quiet", "-b", branch, "main", within=work)
    (work / "acme" / f"{branch}.yml").write_text(text)
    hub.git("add", ".", within=work)
    hub.git("commit", "--quiet", "-m", branch, within=work)
    head = hub.git("rev-parse", "HEAD", within=work)
    hub.git("checkout", "--quiet", "--detach", "main", within=work)
    hub.git("merge", "--quiet", "--no-ff", "-m", "merge", branch, within=work)
    merge = hub.git("rev-parse", "HEAD", within=work)
    hub.git(
        "push", "--quiet", "origin", f"{head}:refs/heads/{branch}", f"{merge}:refs/heads/merge-{branch}", within=work
    )
    hub.git("checkout", "--quiet", "main", within=work)
    return head, merge


def _merge(hub: GitHub, work: Path, branch: str) -> str:
    hub.git("merge", "--quiet", "--squash", branch, within=work)
    hub.git("commit", "--quiet", "-m", f"squashed {branch}", within=work)
    hub.git("push", "--quiet", "origin", "main", within=work)
    return hub.git("rev-parse", "HEAD", within=work)


def _mobile(pbx: SimulatedPbx, number: str) -> object:
    return next(row for row in pbx.entities("Users") if row["Number"] == number)["Mobile"]


CONTACT = "contacts:\n- {{first_name: New, last_name: {name}}}\n"


def test_exactly_the_reviewed_plan_is_applied(tmp_path: Path) -> None:
    with SimulatedPbx() as pbx:
        hub = _github(tmp_path, pbx)
        work = tmp_path / "work"
        hub.git("clone", "--quiet", "origin.git", str(work), within=tmp_path)
        hub.git("checkout", "--quiet", "-b", "main", within=work)
        export = hub.shell(
            "threecx export acme", work,
            {"THREECX_HOST": pbx.url, "THREECX_CLIENT_ID": pbx.client_id, "THREECX_CLIENT_SECRET": pbx.client_secret},
        )  # fmt: skip
        assert export == 0, hub.said
        hub.git("add", ".", within=work)
        hub.git("commit", "--quiet", "-m", "Export", within=work)
        hub.git("push", "--quiet", "origin", "main", within=work)

        head, merge = _pull_request(hub, work, "one", CONTACT.format(name="Reviewed"))
        assert hub.run("plan", merge, head) == 0, hub.said
        comment = (tmp_path / "store" / "comment-7.md").read_text()
        assert "Reviewed" in comment
        assert "rehearsal succeeded" in comment
        assert pbx.writes == [], "a plan writes nothing"
        assert pbx.client_secret not in comment + hub.said

        merged = _merge(hub, work, "one")
        assert hub.run("apply", merged, head) == 0, hub.said
        assert [row["LastName"] for row in pbx.entities("Contacts") if row["FirstName"] == "New"] == ["Reviewed"]

        before = len(pbx.writes)
        assert hub.run("apply", f"{merged}~1", head) == 1
        assert "The merged files are not those that were planned." in hub.said
        assert hub.run("apply", merged, "0" * 40) == 1
        assert "No plan of 000" in hub.said
        assert len(pbx.writes) == before

        number = next(row for row in pbx.entities("Users") if row["Number"] == "100")
        path = next(path for path in (work / "acme").rglob("*.yml") if 'mobile: "+15550110"' in path.read_text())
        hub.git("checkout", "--quiet", "-b", "three", "main", within=work)
        path.write_text(path.read_text().replace('mobile: "+15550110"', 'mobile: "+15550199"'))
        hub.git("commit", "--quiet", "-am", "three", within=work)
        hub.git("push", "--quiet", "origin", "three", within=work)
        head = hub.git("rev-parse", "HEAD", within=work)
        assert hub.run("plan", head, head) == 0, hub.said
        pbx.put("Users", {"Id": number["Id"], "Mobile": "+15550155"})  # a colleague, in between
        hub.git("checkout", "--quiet", "main", within=work)
        merged = _merge(hub, work, "three")
        assert hub.run("apply", merged, head) == 1
        assert "user 100" in hub.said
        assert _mobile(pbx, "100") == "+15550155", "the plan is stale, so the colleague's change stays"

        assert hub.run("drift", merged) == 2
        assert "user 100" in (tmp_path / "summary.md").read_text()
        assert "user 100" in (tmp_path / "store" / merged / "drift" / "drift.html").read_text()
        assert pbx.client_secret not in hub.said + (tmp_path / "summary.md").read_text()


def test_a_long_comment_says_that_it_is_shortened(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    with SimulatedPbx() as pbx:
        hub = _github(tmp_path / "hub", pbx)
    step = next(one for one in load()["jobs"]["plan"]["steps"] if one.get("name") == "Comment")
    comment = tmp_path / "hub" / "store" / "comment-7.md"
    variables = {"GH_TOKEN": "invented-token", "NUMBER": "7"}
    for plan, shortened in (("| a row |\n" * 9, False), ("| Müller |\n" * 9000, True)):
        (tmp_path / "plan.md").write_text(plan)
        (tmp_path / "rehearsal.md").write_text("The rehearsal succeeded.\n")
        assert hub.shell(step["run"], tmp_path, variables) == 0, hub.said
        said = comment.read_text(errors="replace")
        assert ("The rest is left out" in said) is shortened
        assert "The rehearsal succeeded." in said, "the end of the comment stays"
        assert len(said.encode()) < 65000


def test_the_workflow_gets_only_what_it_needs() -> None:
    workflow = load()
    assert workflow["permissions"] == {}
    triggers = dict[Any, Any](workflow)[True]  # YAML 1.1 reads "on" as true
    assert triggers["pull_request"]["branches"] == ["main"], "authors may merge into branches that nobody protects"
    granted = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert granted == {
        "plan": {"contents": "read", "pull-requests": "write"},
        "apply": {"actions": "read", "contents": "read"},
        "drift": {"contents": "read"},
    }
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step.get("uses", "a@" + "0" * 40)), step
            assert "${{" not in step.get("run", ""), "an expression in a shell step runs what it contains"
            for name, value in step.get("env", {}).items():
                if "SECRET" in name or name == "GH_TOKEN":
                    assert re.fullmatch(r"\$\{\{ (secrets\.\w+|github\.token) \}\}", value)
    assert not re.search(r"pull_request_target", WORKFLOW.read_text())
