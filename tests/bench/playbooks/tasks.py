"""Measure tasks on one PBX: twenty tasks one after the other, and one task that loops over a thousand faxes.

The start of a play costs the same for all modules and is subtracted: each figure is the difference between a play with
all tasks (or items) and a play with the first one only, divided by the number of the others. Our plays and those of
`ansible.builtin.uri` take turns against the same simulated PBX. Ours sign in themselves; `uri` is given a token.

Ansible's own share is measured in the same turns with `ansible.builtin.debug`, which sends no request, with one option
that is a template, as a task in a loop has. Tasks of a collection with as many modules cost more, whatever they do: the
floor is measured with actions that do nothing, or send one GET (floor.py), and the requests of a removal with httpx.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable

from tests.bench.figures import Figure, Findings
from tests.bench.machine import ROOT
from tests.bench.pbx import OTHERS, Pbx, faxes, seed, started
from tests.bench.playbooks import floor
from tests.bench.playbooks.plays import Controller, controller_of, looped, marginal, uri
from tests.bench.progress import step
from tests.bench.rounds import interleave

PROBES = ROOT / "tests" / "bench" / "probes"
RUNS, SEPARATE_RUNS = 3, 7
FAXES = 1100
ITEMS = 1000
URI_ITEMS = 10
#: A fax that there is none of, whatever follows.
GONE = "8{:04}"


def ours(number: str) -> str:
    """A task of our own: no fax of that number."""
    return f'    - threecx.xapi.threecx_fax: {{number: "{number}", state: absent}}\n'


def asks_nobody(text: str) -> str:
    """A task that sends no request."""
    return f'    - ansible.builtin.debug: {{msg: "{text}"}}\n'


def looked_up(number: str, more: str = "") -> str:
    """The look-up that ours does, by hand."""
    return uri(f"Fax?$filter=Number%20eq%20'{number}'", more=more)


def measure() -> Findings:
    """Everything that is measured on one PBX, and how often our modules signed in for all of it."""
    floor.collection()
    with started(seed("faxes", {"Fax": faxes(FAXES)})) as pbx:
        controller = controller_of(pbx, "tasks")
        found = [*_separate(controller), *_removing(controller, pbx), *_idle(controller)]
        signed_in = pbx.sign_ins() - 2  # two are the tokens that uri and httpx were given
    found.append(Figure("sign-ins during all of the above", signed_in, "sign-ins", 1).aim("1", lambda n: n == 1))
    return Findings(found)


def _separate(controller: Controller) -> list[Figure]:
    def play(task: Callable[[str], str], count: int) -> float:
        return controller.run("".join(task(GONE.format(number)) for number in range(count))).seconds

    # Twenty tasks are soon done, and a moment in which the machine does something else is a large part of that.
    own = interleave(
        {
            "20 tasks": lambda: play(ours, 21),
            "1 task": lambda: play(ours, 1),
            "20 tasks of debug": lambda: play(asks_nobody, 21),
            "1 task of debug": lambda: play(asks_nobody, 1),
            "20 tasks with one GET": lambda: play(floor.get, 21),
            "1 task with one GET": lambda: play(floor.get, 1),
        },
        SEPARATE_RUNS,
    )
    by_hand = interleave(
        {"20 tasks of uri": lambda: play(looked_up, 21), "1 task of uri": lambda: play(looked_up, 1)}, RUNS
    )
    many, few, debug_many, debug_few, least_many, least_few = own.values()
    uri_many, uri_few = by_hand.values()
    per_task, debug = marginal(many, few, 20), marginal(debug_many, debug_few, 20)
    least = marginal(least_many, least_few, 20)
    what = "20 separate tasks, entity already absent, marginal per task"
    return [
        *compared(what, per_task, marginal(uri_many, uri_few, 20), 40, 8, SEPARATE_RUNS),
        *_beside_debug(per_task, debug, 1.6, SEPARATE_RUNS),
        Figure("  floor: an action that sends one GET, of as many modules", least, "ms", SEPARATE_RUNS),
        Figure("  the floor by debug", least / debug, "x", SEPARATE_RUNS),
    ]


def _removing(controller: Controller, pbx: Pbx) -> list[Figure]:
    task, empty = ours("{{ item }}"), asks_nobody("{{ item }}")
    bare, token = str(PROBES / "remove.py"), pbx.token(OTHERS)
    get = looked_up("{{ item }}", more="      register: found\n")
    some = "      when: item.json.value | length > 0\n"
    delete = uri("Fax({{ item.json.value[0].Id }})", method="DELETE", status=204, more=some)

    def remove(removing: str | Callable[[], float], gone: int) -> float:
        before = len(pbx.rows("Fax"))
        spent = controller.run(removing).seconds if isinstance(removing, str) else removing()
        if len(pbx.rows("Fax")) != before - gone:
            raise SystemExit(f"{gone} faxes were to be removed of {before}, {len(pbx.rows('Fax'))} are left")
        step("putting the faxes back")
        pbx.put("Fax", faxes(gone))
        pbx.forget()
        return spent

    def by_uri(count: int) -> float:
        return remove(looped(get, _numbers(count)) + looped(delete, "found.results"), count)

    found = interleave(
        {
            f"a loop that removes {ITEMS:,} faxes": lambda: remove(looped(task, _numbers(ITEMS + 1)), ITEMS + 1),
            "a loop that removes one": lambda: remove(looped(task, _numbers(1)), 1),
            f"a loop of debug over {ITEMS:,} items": lambda: controller.run(looped(empty, _numbers(ITEMS + 1))).seconds,
            "a loop of debug over one": lambda: controller.run(looped(empty, _numbers(1))).seconds,
            "the requests of it by httpx": lambda: remove(lambda: _bare(bare, pbx.url, token), ITEMS),
            f"the same by uri, {URI_ITEMS} faxes": lambda: by_uri(URI_ITEMS + 1),
            "the same by uri, one fax": lambda: by_uri(1),
        },
        RUNS,
    )
    many, few, debug_many, debug_few, by_httpx, uri_many, uri_few = found.values()
    what = f"one task looping over {ITEMS:,} faxes to remove, per item, requests included"
    per_item, debug = marginal(many, few, ITEMS), marginal(debug_many, debug_few, ITEMS)
    requests = statistics.median(by_httpx) / ITEMS * 1000
    return [
        *compared(what, per_item, marginal(uri_many, uri_few, URI_ITEMS), 8, 40, RUNS),
        Figure("  ansible.builtin.debug in a loop, which asks nobody", debug, "ms", RUNS),
        Figure("  its three requests by bare httpx", requests, "ms", RUNS, side="httpx"),
        Figure("  more than debug and these requests", per_item - debug - requests, "ms", RUNS).aim(
            "<= 0.5 ms", lambda v: v <= 0.5
        ),
    ]


def _bare(*command: str) -> float:
    done = subprocess.run([sys.executable, *command, str(ITEMS)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _idle(controller: Controller) -> list[Figure]:
    task, empty = ours("{{ item }}"), asks_nobody("{{ item }}")

    def loop(task: str, count: int) -> float:
        return controller.run(looped(task, _numbers(count, since=int(GONE.format(0))))).seconds

    found = interleave(
        {
            "a loop with nothing to do": lambda: loop(task, ITEMS + 1),
            "one item of it": lambda: loop(task, 1),
            "a loop of debug": lambda: loop(empty, ITEMS + 1),
            "one item of debug": lambda: loop(empty, 1),
            "a loop of an empty action": lambda: loop(floor.nothing("{{ item }}"), ITEMS + 1),
            "one item of an empty action": lambda: loop(floor.nothing("{{ item }}"), 1),
        },
        RUNS,
    )
    many, few, debug_many, debug_few, least_many, least_few = found.values()
    debug, least = marginal(debug_many, debug_few, ITEMS), marginal(least_many, least_few, ITEMS)
    per_item = marginal(many, few, ITEMS)
    return [
        Figure("the same loop with nothing to do", per_item, "ms", RUNS, side="threecx.xapi").aim(
            "<= 5 ms per item", lambda v: v <= 5
        ),
        *_beside_debug(per_item, debug, 1.15, RUNS),
        Figure("  floor: an empty action, of as many modules", least, "ms", RUNS),
        Figure("  the floor by debug", least / debug, "x", RUNS),
    ]


def _beside_debug(own: float, debug: float, most: float, runs: int) -> list[Figure]:
    """Ansible's own share, and how many times as much ours costs."""
    return [
        Figure("  ansible.builtin.debug, which asks nobody", debug, "ms", runs),
        Figure("  by debug", own / debug, "x", runs).aim(f"<= {most:g}x", lambda v: v <= most),
    ]


def _numbers(count: int, since: int = 10_000) -> str:
    """An expression: so many numbers, of the faxes that are seeded or, since another one, of faxes
    there are none of.
    """
    return f"range({since}, {since + count}) | map('string') | list"


def compared(what: str, own: float, other: float, most: float, share: int, runs: int) -> list[Figure]:
    """The rows of a comparison with uri: ours in milliseconds (of so many runs), its, and what part of it ours is."""
    return [
        Figure(what, own, "ms", runs, side="threecx.xapi").aim(f"<= {most:g} ms", lambda v: v <= most),
        Figure("  the same by ansible.builtin.uri", other, "ms", RUNS, side="ansible.builtin.uri"),
        Figure("  times as fast as uri", other / own, "x", RUNS).aim(f">= {share} (1/{share})", lambda v: v >= share),
    ]
