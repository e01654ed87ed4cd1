"""A module as it is where it is shipped to, but in this process."""

from __future__ import annotations

import contextlib
import importlib
import json
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings

from pbx_simulator import SimulatedPbx
from tests.collection.property_values import CANARY


def as_a_module(
    name: str, pbx: SimulatedPbx, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], /, **options: Any
) -> dict[str, Any]:
    """Run the module file and return its output, which must not contain credentials, not even in `invocation`."""
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    module = f"threecx.xapi.threecx_{name}"
    arguments = {"ANSIBLE_MODULE_ARGS": {**access, **options, "_ansible_diff": True, "_ansible_module_name": module}}
    patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
    patch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    # A shipped module runs without the controller. Here another test may have imported the controller, which changes
    # what the module reads.
    with contextlib.suppress(ImportError):  # ansible-core before 2.19 has no such check
        patch.setattr("ansible.module_utils._internal._json._profiles._string_encoding_check_enabled", lambda: False)
    # Ansible collects warnings for the process of one module.
    for kind in ("_global_warnings", "_global_deprecations"):
        patch.setattr(warnings, kind, type(getattr(warnings, kind))())
    capsys.readouterr()
    with pytest.raises(SystemExit):
        importlib.import_module(f"ansible_collection.plugins.modules.threecx_{name}").main()
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert CANARY not in json.dumps(printed)
    printed.pop("invocation", None)  # ansible-core 2.21 has it only on demand
    return printed
