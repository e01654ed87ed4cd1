"""Many hosts: 200 PBXs with three tasks each, and 200 hosts that all speak to one PBX.

The 200 PBXs are simulated behind one process, told apart by their ports. Hosts per second are counted over the whole
playbook, from the start of ansible-playbook to its end, our 200 sign-ins included; `uri` is given its tokens. Once all
forks are busy, the time that `uri` takes per host does not depend on the number of hosts, so `uri` runs on some of them
only.
"""

from __future__ import annotations

from tests.bench.figures import Figure, Findings
from tests.bench.pbx import CLIENT, Pbx, fleet, seed, started
from tests.bench.playbooks.plays import Controller, controller_of
from tests.bench.playbooks.tasks import looked_up, ours
from tests.bench.progress import step
from tests.bench.rounds import interleave, medians

RUNS = 3
PBXS, URI_PBXS, FORKS = 200, 30, 20
TASKS = "".join(ours(f"8000{number}") for number in range(3))
BY_HAND = "".join(looked_up(f"8000{number}") for number in range(3))


def measure() -> Findings:
    """Both."""
    with started(seed("one", {})) as pbx:
        found = [_one_token(pbx)]
    with fleet(PBXS, seed("one", {})) as pbxs:
        return Findings(found + _many(pbxs))


def _one_token(pbx: Pbx) -> Figure:
    """Fifty workers at once that need a token of the same client: each sign-in would log the others out."""
    step("50 forks over 200 hosts on one PBX")
    controller = controller_of(pbx, "one_token")
    controller.run(TASKS, inventory={f"host{number:03}": {"pbx": pbx.url} for number in range(200)}, forks=50)
    signed_in = pbx.sign_ins() - 1  # one is the token given to requests by hand
    return Figure("sign-ins with 50 forks over 200 hosts on one PBX", signed_in, "sign-ins", 1).aim(
        "1", lambda n: n == 1
    )


def _many(pbxs: list[Pbx]) -> list[Figure]:
    inventory = inventory_of(pbxs)
    some = dict(list(inventory.items())[:URI_PBXS])
    controller = Controller("hosts", signing_in())
    found = medians(
        interleave(
            {
                f"{len(inventory)} PBXs": lambda: controller.run(TASKS, inventory=inventory, forks=FORKS).seconds,
                f"{len(some)} PBXs by uri": lambda: controller.run(BY_HAND, inventory=some, forks=FORKS).seconds,
            },
            RUNS,
        )
    )
    own, other = (hosts / seconds for hosts, seconds in zip((len(inventory), len(some)), found.values(), strict=True))
    what = f"{len(pbxs)} PBXs, 3 tasks each, forks={FORKS}"
    return [
        Figure(what, own, "hosts/s", RUNS, side="threecx.xapi"),
        Figure(
            f"  the same by ansible.builtin.uri, {len(some)} of them",
            other,
            "hosts/s",
            RUNS,
            side="ansible.builtin.uri",
        ),
        Figure("  times the hosts per second of uri", own / other, "x", RUNS).aim(">= 6x", lambda v: v >= 6),
    ]


def signing_in() -> dict[str, str]:
    """How our modules sign in to any of many PBXs, in an environment."""
    return {"THREECX_CLIENT_ID": CLIENT[0], "THREECX_CLIENT_SECRET": CLIENT[1]}


def inventory_of(pbxs: list[Pbx]) -> dict[str, dict[str, str]]:
    """A host for each PBX, with its address and, for what is written by hand, a token."""
    return {f"pbx{number:03}": {"pbx": pbx.url, "token": pbx.token()} for number, pbx in enumerate(pbxs, 1)}
