"""A download that meets a fault: the file is whole or not there, and one that was there stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests import figures
from tests.faults.trial import KINDS, Kind, Trials


@pytest.fixture
def pbx(trials: Trials) -> SimulatedPbx:
    """The company as it was seeded."""
    trials.pbx.go_by(None)
    trials.begin_with(trials.seeded)
    trials.pbx.clear_log()
    return trials.pbx


@pytest.mark.parametrize("there", [False, True], ids=["new", "there already"])
@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if not kind.held and "200 MB" not in kind.name], ids=lambda kind: kind.name
)
def test_a_file_is_whole_or_not_there(
    trials: Trials, pbx: SimulatedPbx, tmp_path: Path, kind: Kind, there: bool
) -> None:
    dest = tmp_path / "calls.csv"
    asked = {"operation": "DownloadInboundRules", "dest": str(dest), **kind.options}
    if "size" in kind.what:  # a file may be large; what bounds one that never ends is the deadline
        asked["task_deadline"] = 0.8
    assert trials.task("operation", **asked)["changed"]
    whole = dest.read_bytes()
    dest.write_bytes(b"older") if there else dest.unlink()

    pbx.go_by(kind.plan("DownloadInboundRules", 1))
    if kind.before:
        pbx.go_away()
    trials.night.meanwhile = None if kind.lasting else pbx.come_back
    done = trials.task("operation", **asked)
    trials.night.meanwhile = None
    pbx.come_back()
    pbx.go_by(None)
    figures.record("faults x states tried")
    assert kind.before or any(logged.faulty for logged in pbx.requests), "nothing went wrong"

    assert [file.name for file in tmp_path.iterdir()] in ([dest.name], []), "no half of a file is left"
    if done.data.get("failed"):
        assert not done.data["changed"], done.data
        assert (dest.read_bytes() == b"older") if there else not dest.exists()
        assert pbx.url in done.msg
        assert "\n" not in done.msg
        assert trials.task("operation", **asked)["changed"]
        assert dest.read_bytes() == whole
    elif kind.lies or "cut" in kind.what:
        # The damage is not detectable: the file holds the whole response that the PBX sent.
        assert done["changed"]
    else:
        assert done["changed"]
        assert dest.read_bytes() == whole
