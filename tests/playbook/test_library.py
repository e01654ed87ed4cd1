"""A missing client library is reported with the Python that lacks it, without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx

Playbook = Callable[..., Any]


def test_missing_in_the_controller(playbook: Playbook, pbx: SimulatedPbx, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "threecx_xapi.py").write_text("raise ImportError(\"No module named 'threecx_xapi'\")\n")
    # A Python that has it: the same one, without what hides it.
    other = tmp_path / "python-with-library"
    other.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec {sys.executable} "$@"\n')
    other.chmod(0o755)
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    task = {"threecx.xapi.threecx_fax_info": access, "ignore_errors": True}
    tasks = [
        {**task, "name": "here"},
        {**task, "name": "shipped", "async": 60, "poll": 1},
        {**task, "name": "other", "vars": {"ansible_python_interpreter": str(other)}},
    ]
    run = playbook([{"hosts": "here", "tasks": tasks}], "-vvv", env={"PYTHONPATH": str(hidden)}).ok()
    for name in ("here", "shipped"):
        assert "Failed to import the required Python library (threecx-xapi)" in run[name]["msg"]
        assert f"Run there: {sys.executable} -m pip install threecx-xapi" in run[name]["msg"]
    assert len(run["other"]["faxes"]) == len(pbx.entities("Fax")), "a Python that has it is used where one is named"
    assert "Traceback" not in run.output
