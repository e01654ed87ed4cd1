"""Many PBXs in one process, each with its own port and state."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pbx_simulator import SimulatedFleet, SimulatedPbx
from pbx_simulator.cli import main
from tests.simulator.support import BARE, Api


def free_run(count: int) -> int:
    """The first of so many ports in a row that are free just now."""
    for first in range(20000, 30000, count):
        sockets = []
        try:
            for port in range(first, first + count):
                one = socket.socket()
                sockets.append(one)
                one.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
        return first
    pytest.skip("no ports in a row are free")


def test_each_has_its_own_state_tokens_log_and_faults() -> None:
    with SimulatedFleet(3) as fleet:
        first, second, third = fleet
        one, other = Api(first), Api(second)
        key = one.rows("/Fax")[-1]["Id"]  # the first is the fax server, which stays
        assert one.delete(f"/Fax({key})").status_code == 204
        assert one.get(f"/Fax({key})").status_code == 404
        assert other.get(f"/Fax({key})").status_code == 200
        assert (first.sign_ins, second.sign_ins, third.sign_ins) == (1, 1, 0)
        assert (len(first.writes), len(second.writes), third.requests) == (1, 0, [])
        assert (
            other.send("GET", "/Fax", headers={"Authorization": one.http.headers["Authorization"]}).status_code == 401
        )
        first.fail("/Fax", status=503)
        assert (other.get("/Fax").status_code, one.get("/Fax").status_code) == (200, 503)
        first.reset()
        one.sign_in()
        assert one.get(f"/Fax({key})").status_code == 200
        second.put("Fax", {"Number": "899"})
        assert (len(first.entities("Fax")), len(second.entities("Fax"))) == (3, 4)


def test_one_can_go_away_or_end_and_the_others_stay() -> None:
    with SimulatedFleet(3) as fleet:
        apis = [Api(pbx) for pbx in fleet]
        fleet[0].go_away()
        fleet[1].close()
        for gone in apis[:2]:
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", gone.pbx.port))
        assert apis[2].get("/Fax").status_code == 200
        fleet[0].come_back()
        assert apis[0].get("/Fax").status_code == 200


def test_control_endpoints_are_each_pbx_own() -> None:
    with SimulatedFleet(2) as fleet:
        Api(fleet[0])
        counts = [BARE.get(f"{pbx.url}/_simulator/sign-ins").json()["count"] for pbx in fleet]
        assert counts == [1, 0]
        assert BARE.post(f"{fleet[0].url}/_simulator/entities/Fax", json={"Number": "899"}).status_code == 200
        assert [len(BARE.get(f"{pbx.url}/_simulator/entities/Fax").json()) for pbx in fleet] == [4, 3]


def test_a_seed_planted_once_is_every_ones_and_stays_as_it_was() -> None:
    seed = {"Fax": [{"$times": 5, "Number": "80{n}"}]}
    with SimulatedFleet(2, seed=seed, release="20.0.8") as fleet:
        for pbx in fleet:
            assert pbx.release == "20.0.8"
            assert [row["Number"] for row in pbx.entities("Fax")] == [f"80{n}" for n in range(1, 6)]
        fleet[0].remove("Fax", fleet[0].entities("Fax")[0]["Id"])
        late = SimulatedPbx(seed, release="20.0.8", like=fleet[0])
        assert len(late.entities("Fax")) == 5


def test_ports_are_taken_in_a_row_all_or_none() -> None:
    first = free_run(3)
    with SimulatedFleet(3, port=first) as fleet:
        assert [pbx.port for pbx in fleet] == [first, first + 1, first + 2]
        with pytest.raises(OSError, match="in use"):
            SimulatedFleet(2, port=first + 2).start()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 2))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            SimulatedFleet(3, port=first).bind()
        with socket.socket() as one:
            one.bind(("127.0.0.1", first))


def test_one_certificate_is_trusted_for_all_and_goes_with_the_last() -> None:
    with SimulatedFleet(2, tls=True) as fleet:
        assert fleet.ca_path is not None
        assert {pbx.ca_path for pbx in fleet} == {fleet.ca_path}
        assert [Api(pbx).get("/Fax").status_code for pbx in fleet] == [200, 200]
        fleet[0].close()
        assert Path(fleet.ca_path).is_file()
        assert Api(fleet[1]).get("/Fax").status_code == 200
        kept = Path(fleet.ca_path)
    assert not kept.exists()


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_the_command_tells_every_pbx_and_stops_when_told(more: list[str]) -> None:
    command = [sys.executable, "-m", "pbx_simulator.cli", "--port", "0", "--count", "3", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        if more:
            told = json.loads(process.stdout.readline())
            urls = [one["url"] for one in told]
            assert [(one["client_id"], one["release"], one["ca_path"]) for one in told] == [
                ("900", "20.0.10", None)
            ] * 3
        else:
            urls = [process.stdout.readline().split(" at ")[1].split(" ")[0] for _ in range(3)]
        assert len(set(urls)) == 3
        assert [BARE.get(f"{url}/_simulator/sign-ins").json() for url in urls] == [{"count": 0}] * 3
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_the_command_refuses_a_fleet_there_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    for given, message in (
        (["--count", "0"], "a fleet has at least one PBX, not 0"),
        (["--count", "2", "--port", "65535"], "2 ports from 65535 on do not end before 65536"),
    ):
        assert main(given) == 1
        assert capsys.readouterr().err == f"threecx-simulator: {message}\n"
