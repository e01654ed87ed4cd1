"""Starting without what is optional: the packages of the extra, and the C part of PyYAML."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_BLOCKED = """
import sys
blocked = {names!r}
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in blocked or name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
sys.argv = ["threecx-simulator", "--port", "0"]
"""
_EXTRA = {"jwt", "odata_query", "python_multipart", "multipart", "starlette", "trustme", "uvicorn", "yaml"}


def run(blocked: set[str], code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _BLOCKED.format(names=sorted(blocked)) + code]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "blocked",
    [_EXTRA, {"uvicorn"}, {"yaml"}, {"python_multipart", "multipart"}],
    ids=["extra", "uvicorn", "yaml", "multipart"],
)
@pytest.mark.parametrize(
    "code",
    [
        "from pbx_simulator.command import main; sys.exit(main())",
        "import runpy; runpy.run_module('pbx_simulator', run_name='__main__')",
    ],
    ids=["script", "module"],
)
def test_without_the_extra_one_line_says_what_to_install(blocked: set[str], code: str) -> None:
    ended = run(blocked, code)
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith("threecx-simulator: ")
    assert "not installed. Run: pip install 'threecx-xapi[simulator]'" in line
    assert ("uvicorn" in line) == ("uvicorn" in blocked)


def test_seeds_and_plans_are_read_without_libyaml(tmp_path: Path) -> None:
    seed, plan = tmp_path / "seed.yaml", tmp_path / "plan.yaml"
    seed.write_text("Users:\n  - &one {Number: '100', FirstName: Zoë}\nFax: [*one]\n", encoding="utf-8")
    plan.write_text("faults: [{path: /Users, status: 503}]\n")
    code = f"""
import yaml
assert not yaml.__with_libyaml__ and not hasattr(yaml, 'CSafeLoader')
from pbx_simulator.faults import plan
from pbx_simulator.seeds import seed
assert seed.read({str(seed)!r}).content["Fax"][0]["FirstName"] == "Zoë"
assert seed.read(None).content["Users"]
assert plan.read({str(plan)!r}).faults[0].status == 503
try:
    seed.read({str(plan)!r} + ".none")
except seed.SeedError as error:
    print(error)
"""
    ended = run({"_yaml", "yaml._yaml", "yaml.cyaml"}, code)
    assert ended.returncode == 0, ended.stderr
    assert "cannot read" in ended.stdout


def test_every_name_of_the_package_is_there() -> None:
    import pbx_simulator

    assert all(getattr(pbx_simulator, name) is not None for name in pbx_simulator.__all__)
    assert set(pbx_simulator.__all__) <= set(dir(pbx_simulator))
    assert set(pbx_simulator._PLACES) == set(pbx_simulator.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nobody'"):
        _ = pbx_simulator.Nobody
