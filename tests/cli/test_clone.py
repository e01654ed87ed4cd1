"""`threecx clone`: nothing of the source remains where the map says otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.loader import load
from pbx_as_code.rehearsal import seed_of
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.cli.conftest import Ran, Threecx

Factory = Callable[..., SimulatedPbx]

SOURCE = """\
pbx:
  identity: pbx.quagga.example
  url: https://pbx.quagga.example
  default_department: Zanzibar
  prune: [contacts, "department:Zanzibar", "users:7101"]
  complete: [users, queues, ring_groups, receptionists, parkings, faxes, call_flow_apps, groups, trunks,
    inbound_rules, outbound_rules, service_principals]
required:
  custom_prompts: [hello.wav]
  prompt_sets: [Dodo Prompts]
groups:
- name: Zanzibar
  language: EN
  prompt_set: Dodo Prompts
  props: {user_number_from: "7100", user_number_to: "7199", system_number_from: "7800", system_number_to: "7899"}
  custom_operator: {to: Extension, number: "7101"}
users:
- number: "7101"
  email_address: ada@quagga.example
  auth_password: !secret user_7101_auth_password
  primary_group: Zanzibar
  groups: [{group: Zanzibar}]
  outbound_caller_id: "+491557701"
  forwarding_profiles:
  - name: Available
    no_answer_timeout: 20
    available_route:
      no_answer_all_calls: true
      no_answer_internal: {to: Extension, number: "7102"}
      no_answer_external: {to: External, external: "+491557702"}
      busy_all_calls: true
      busy_internal: {to: VoiceMail, number: "7101"}
      busy_external: {to: VoiceMail, number: "7101"}
- number: "7102"
  first_name: Brendan
  primary_group: Zanzibar
  groups: [{group: Zanzibar}]
  blf_keys: [{position: 1, type: BLF, extension: "7101"}]
queues:
- number: "7800"
  name: Service
  groups: [{group: Zanzibar}]
  agents: [{number: "7101"}, {number: "7102"}]
  vm_email_list: team@quagga.example
  forward_no_answer: {to: RingGroup, number: "7810"}
ring_groups:
- number: "7810"
  name: Overflow
  groups: [{group: Zanzibar}]
  members: [{number: "7102"}]
receptionists:
- number: "7801"
  name: Menu
  groups: [{group: Zanzibar}]
  prompt_filename: hello.wav
  forwards: [{input: Input1, forward_type: Queue, forward_dn: "7800"}]
  timeout: 5
  timeout_forward_type: Extension
  timeout_forward_dn: "7101"
trunks:
- number: "19977"
  template: generic.pv.xml
  gateway: {name: Quoll line, host: sip.provider.example}
  external_number: "+491557700"
  did_numbers: ["+491557700", "+491557701", "+491557702"]
  groups: [{group: Zanzibar}]
  routing_rules: [{condition: BasedOnDID, data: "+491557701"}, {condition: BasedOnDID, data: "*7702"}]
inbound_rules:
- rule_name: Service
  trunk: "19977"
  condition: BasedOnDID
  data: "+491557701"
  office_hours_destination: {to: Queue, number: "7800"}
- rule_name: Direct
  trunk: "19977"
  condition: BasedOnDID
  data: "*7702"
  office_hours_destination: {to: Extension, number: "7102"}
outbound_rules:
- name: Everything
  prefix: "0"
  dn_ranges: [{from: "7100", to: "7199"}, {from: "7800", to: "7800"}]
  groups: [Zanzibar]
  routes: [{trunk: "19977", strip_digits: 1, caller_id: "+491557700"}]
"""
MAP = """\
numbers:
  "7800": "4899"
  7100-7199: 3100-3199
  "78..": "48.."
dids:
  "+4915577..": "+4920088.."
trunks:
  Quoll line: {number: "10055", name: New line}
departments: {Zanzibar: Berlin}
domains: {quagga.example: heron.example}
languages: {EN: DE}
prompt_sets: {Dodo Prompts: Other Prompts}
"""
#: Every number and name of the source.
CANARY = re.compile(
    r"\b7[18][0-9]{2}\b|7701|7702|7700|155770|19977|quoll|zanzibar|quagga|dodo|\bEN\b(?!D)", re.IGNORECASE
)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Directory of the source; its map is in the same folder as the directory."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "all.yml").write_text(SOURCE)
    (tmp_path / "map.yml").write_text(MAP)
    return tmp_path / "acme"


def _profile(home: Path, name: str, pbx: SimulatedPbx) -> None:
    (home / "threecx").mkdir(exist_ok=True)
    (home / "threecx" / "config.toml").write_text(
        f'[profiles.{name}]\nurl = "{pbx.url}"\nclient_id = "{pbx.client_id}"\nclient_secret_env = "SECRET"\n'
    )


def _cloned(threecx: Threecx, acme: Path, *arguments: str, text: str | None = None) -> Ran:
    if text is not None:
        (acme.parent / "map.yml").write_text(text)
    beta = str(acme.parent / "beta")
    return threecx("clone", str(acme), beta, "--map", str(acme.parent / "map.yml"), *arguments)


def _refused(threecx: Threecx, acme: Path, text: str) -> str:
    """The problems of a map; nothing is written."""
    done = _cloned(threecx, acme, text=text)
    assert (done.status, done.out) == (1, ""), done.out
    assert not (acme.parent / "beta").exists()
    return done.err.replace(f"{acme.parent}/", "")


def test_files_have_nothing_of_the_source(threecx: Threecx, acme: Path) -> None:
    done = _cloned(threecx, acme)
    assert (done.status, done.err) == (0, ""), done.out
    assert "! The target must have custom_prompts: hello.wav" in done.out
    assert "! Credentials to provide: user_3101_auth_password" in done.out
    files = {path.name: path.read_text() for path in (acme.parent / "beta").rglob("*.yml")}
    assert [found for text in files.values() for found in CANARY.findall(text)] == []
    assert threecx("validate", str(acme.parent / "beta")).status == 0
    made = load(acme.parent / "beta")
    [berlin] = [one.values for one in made.of("group")]
    assert (berlin["name"], berlin["language"]) == ("Berlin", "DE")
    assert berlin["props"]["user_number_to"] == "3199"
    assert berlin["props"]["system_number_from"] == "4800", "the end of a range is not the queue that has its number"
    assert made.pbx["prune"] == ["contacts", "department:Berlin", "users:3101"]
    assert (made.pbx["identity"], made.pbx["url"]) == ("pbx.heron.example", "https://pbx.heron.example")
    assert [one.values["data"] for one in made.of("inbound_rule")] == ["*8802", "+492008801"]
    assert [one.values["number"] for one in made.of("queue")] == ["4899"], "a line about one number goes first"
    [trunk] = made.of("trunk")
    assert trunk.values["gateway"] == {"name": "New line", "host": "sip.provider.example"}
    [rule] = made.of("outbound_rule")
    assert rule.values["dn_ranges"] == [{"from": "3100", "to": "3199"}, {"from": "4899", "to": "4899"}]
    assert rule.values["routes"][0]["trunk"] == "10055"


def test_a_clone_on_a_pbx_plans_empty_and_nothing_of_the_source_is_sent(
    pbx_factory: Factory, threecx: Threecx, acme: Path
) -> None:
    source = load(acme)
    seed = json.loads(json.dumps(seed_of(Configuration(), source)).replace("Dodo", "Other"))
    for name, traits in (("seen", AS_SEEN), ("strict", STRICT_ODATA)):
        beta = pbx_factory(seed, traits=traits)
        _profile(acme.parent, "beta", beta)
        environment = {
            "XDG_CONFIG_HOME": str(acme.parent),
            "SECRET": beta.client_secret,
            "THREECX_SECRET_USER_3101_AUTH_PASSWORD": "Invented-Secret-1!",  # an invented credential
        }
        files = acme.parent / name
        arguments = ("clone", str(acme), "profile:beta", "--map", str(acme.parent / "map.yml"), "--files", str(files))
        unasked = threecx(*arguments, **environment)
        assert (unasked.status, beta.writes) == (1, [])
        assert "Without a terminal, --yes is needed" in unasked.err
        for path in sorted(files.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        done = threecx(*arguments, "--yes", "--json", **environment)
        assert done.status == 0, done.out + done.err
        assert done.json["clone"]["changed"]["number"] > 10
        assert threecx("plan", str(files), "--profile", "beta", **environment).status == 0
        sent = "\n".join(f"{one.path} {one.body.decode()}" for one in beta.writes)
        texts = [sent, *(path.read_text() for path in files.rglob("*.yml")), done.out.split('"clone"')[0]]
        assert [CANARY.findall(text) for text in texts] == [[]] * len(texts)
        assert "Invented-Secret" not in done.out + "".join(texts[1:])
        assert (files / "threecx.lock").exists()


def test_places_in_lost_files_are_explained(pbx_factory: Factory, threecx: Threecx, tmp_path: Path) -> None:
    pbx = pbx_factory()
    _profile(tmp_path, "beta", pbx)
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "trunks.yml").write_text("trunks:\n- {number: '10099', auth_id: invented}\n")
    (tmp_path / "map.yml").touch()
    arguments = ("clone", str(tmp_path / "acme"), "profile:beta", "--map", str(tmp_path / "map.yml"), "--yes")
    for kept, told in ((), True), (("--files", str(tmp_path / "beta")), False):
        done = threecx(*arguments, *kept, XDG_CONFIG_HOME=str(tmp_path), SECRET=pbx.client_secret)
        assert (done.status, pbx.writes) == (1, [])
        assert "without template. See trunks.yml:" in " ".join((done.out + done.err).split())
        assert ("To keep them, add --files DIR." in done.err) is told


def test_a_pbx_is_only_read(pbx_factory: Factory, threecx: Threecx, tmp_path: Path) -> None:
    pbx = pbx_factory()
    _profile(tmp_path, "acme", pbx)
    (tmp_path / "map.yml").write_text('numbers: {"1..": "5.."}\ndepartments: {Sales: Vertrieb}\n')
    arguments = ("clone", "profile:acme", str(tmp_path / "beta"), "--map", str(tmp_path / "map.yml"))
    done = threecx(*arguments, XDG_CONFIG_HOME=str(tmp_path), SECRET=pbx.client_secret)
    assert (done.status, done.err, pbx.writes) == (0, "", []), done.out
    assert "which is now Vertrieb." in done.out, "the ring group Sales Team is listed and not changed"
    made = load(tmp_path / "beta")
    assert "500" in {one.values["number"] for one in made.of("user")}
    assert {one.values["name"] for one in made.of("ring_group")} >= {"Sales Team"}
    assert "identity" not in made.pbx


def test_the_clone_of_an_export_has_its_order(pbx_factory: Factory, threecx: Threecx, tmp_path: Path) -> None:
    acme, beta = tmp_path / "acme", tmp_path / "beta"
    assert threecx("export", str(acme), pbx=pbx_factory()).status == 0
    assert threecx("clone", str(acme), str(beta)).status == 0
    paths = [path.relative_to(acme) for path in acme.glob("departments/*.yml")]
    paths += [Path("defaults.yml"), Path("trunks.yml"), Path("system/mail.yml")]
    assert len(paths) > 4
    assert [path for path in paths if (acme / path).read_text() != (beta / path).read_text()] == []


def test_the_bare_name_of_a_profile_is_a_new_directory(
    pbx_factory: Factory, threecx: Threecx, acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx = pbx_factory("empty")
    _profile(tmp_path, "beta", pbx)
    (tmp_path / "map.yml").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    arguments = ("clone", str(acme), "beta", "--map", "map.yml")
    ran = threecx(*arguments, XDG_CONFIG_HOME=str(tmp_path), SECRET=pbx.client_secret)
    assert ran.status == 0, ran.err
    assert (tmp_path / "beta").is_dir()
    assert pbx.requests == [], "a PBX is written only if profile:NAME says so"


def test_collisions_name_both(threecx: Threecx, acme: Path) -> None:
    for text, wanted in (
        ('numbers: {"7101": "7102"}', "user 7101 at acme/all.yml"),
        ('numbers: {"7101": "3101", "7102": "3101"}', "3101 would be both user 7101"),
        ('numbers: {"7101": "7800"}', "7800 would be both"),
        ('trunks: {Quoll line: "7101"}', "7101 would be both"),
        ('dids: {"+491557701": "+491557702"}', "dids: 491557702 would be both"),
        ('numbers: {"7101": "3101"}', "has the range 7100 to 7199"),
        ('numbers: {7100-7199: 3100-3199, "710.": "510."}', "7101 is matched by"),
    ):
        assert wanted in _refused(threecx, acme, text).replace("at all.yml", "at acme/all.yml"), text


def test_an_end_of_dids_that_differ_needs_a_line(threecx: Threecx, acme: Path) -> None:
    (acme / "all.yml").write_text((acme / "all.yml").read_text().replace('02"]', '02", "+431557702"]', 1))
    wanted = 'dids: {"+491557702": "+4930022"'
    assert 'Add a line for "*7702" to dids of the map' in _refused(threecx, acme, f"{wanted}}}")
    assert _cloned(threecx, acme, text=f'{wanted}, "*7702": "*22"}}').status == 0


def test_a_swap_is_no_collision(threecx: Threecx, acme: Path) -> None:
    done = _cloned(threecx, acme, text='numbers: {"7101": "7102", "7102": "7101"}')
    assert done.status == 0, done.err
    made = load(acme.parent / "beta")
    [ring_group] = made.of("ring_group")
    assert ring_group.values["members"] == [{"number": "7101"}]
    users = {one.values["number"]: one.values for one in made.of("user")}
    assert (users["7101"].get("first_name"), users["7102"].get("first_name")) == ("Brendan", None)


def test_a_map_that_does_not_fit_is_refused_with_every_problem(threecx: Threecx, acme: Path) -> None:
    for text, wanted in (
        ("number: {}", "map.yml:1:1: There is no section of a map called number; did you mean numbers?"),
        ("numbers:\n  7100-7199: 3100-3198", "map.yml:2:3: 7100-7199 has 100 numbers and 3100-3198 has 99."),
        ("numbers:\n  7199-7100: 3100-3199", "map.yml:2:3: 7199-7100 is no range"),
        ('numbers:\n  "7..": "3."', "map.yml:2:3: 7.. has 2 digits that stay"),
        ("numbers:\n  7101: x", "map.yml:2:3: 7101 is one number, so x has to be one number, too."),
        ("numbers:\n  all: x", "map.yml:2:3: all is no number."),
        ("numbers: [1]", "map.yml:1:10: numbers needs a structure"),
        ("domains:\n  https://a.b: c.d", "map.yml:2:3: https://a.b is no domain."),
        ("trunks:\n  Quoll line: {nmber: 1}", "did you mean number or name?"),
        ("departments:\n  Zanzibr: Berlin", "called Zanzibr; did you mean Zanzibar?"),
        ("numbers:\n  9...: 8...\nlanguages: {FR: DE}", "map.yml:2:3: numbers: nothing of the source matches 9..."),
        ("numbers:\n  9...: 8...\nlanguages: {FR: DE}", "map.yml:3:13: languages: nothing of the source matches FR."),
    ):
        assert wanted in _refused(threecx, acme, text), text


def test_texts_with_old_numbers_are_listed_and_not_changed(threecx: Threecx, acme: Path) -> None:
    with (acme / "all.yml").open("a") as file:
        file.write("contacts:\n- {first_name: Ask, last_name: Dial 7101 or 17101}\n")
    done = _cloned(threecx, acme)
    assert "contact Dial 7101 or 17101 / Ask: last_name contains 7101, which is now 3101." in done.out
    assert done.out.count("* all.yml") == 1
    assert "Dial 7101 or 17101" in (acme.parent / "beta" / "contacts.yml").read_text()


def test_numbers_of_others_stay(threecx: Threecx, acme: Path) -> None:
    with (acme / "all.yml").open("a") as file:
        file.write('contacts:\n- {first_name: Near, phone_number: "+491557799"}\n')
    assert _cloned(threecx, acme).status == 0
    assert '"+491557799"' in (acme.parent / "beta" / "contacts.yml").read_text()


def test_telephone_numbers_that_no_line_is_about_are_listed(threecx: Threecx, acme: Path) -> None:
    text = (acme / "all.yml").read_text()
    (acme / "all.yml").write_text(text.replace("did_numbers: [", 'did_numbers: ["+33177", '))
    done = _cloned(threecx, acme)
    assert "trunk 19977: did_numbers[0] is still +33177: no line of dids is about it." in done.out
    assert "is still" not in _cloned(threecx, acme, text="departments: {Zanzibar: Berlin}").out


def test_an_older_release_gets_less(threecx: Threecx, acme: Path) -> None:
    with (acme / "all.yml").open("a") as file:
        file.write("ai_settings: {company_name: Quick}\n")
    text = (acme / "all.yml").read_text()
    newer = "forbid_recording: true\n  vm_email_options: VmailToMembers"
    (acme / "all.yml").write_text(text.replace("first_name: Brendan", newer))
    done = _cloned(threecx, acme, "--release", "20.0.8", "--json")
    assert done.status == 0, done.err
    left_out = {(one["object"], one["option"]): one["why"] for one in done.json["left_out"]}
    assert left_out == {
        ("AI settings", ""): "releases before 20.0.9 do not have it",
        ("queue 7800", "vm_email_list"): "releases before 20.0.9 do not have it",
        ("user 7102", "forbid_recording"): "releases before 20.0.10 do not have it",
        ("user 7102", "vm_email_options"): "releases before 20.0.9 do not have it",
    }
    assert not (acme.parent / "beta" / "system" / "ai.yml").exists()


def test_references_that_no_file_declares_are_listed(threecx: Threecx, acme: Path) -> None:
    text = (acme / "all.yml").read_text()
    (acme / "all.yml").write_text(re.sub(r"  complete:.*?\n(?=required)", "", text, flags=re.DOTALL))
    with (acme / "all.yml").open("a") as file:
        file.write('call_parking_settings: {auto_pickup_forward_dn: "7199"}\n')
    done = _cloned(threecx, acme)
    assert done.status == 0, done.err
    assert "auto_pickup_forward_dn is number 3199, which no file declares." in done.out


def test_ids_of_the_source_are_left_out(threecx: Threecx, acme: Path) -> None:
    text = (acme / "all.yml").read_text().replace("first_name: Brendan", "sip_id: secret-of-acme\n  auth_id: old-id")
    (acme / "all.yml").write_text(text)
    done = _cloned(threecx, acme)
    assert "- user 7102: sip_id is left out: it applies to one PBX only." in done.out
    assert "acme" not in "".join(path.read_text() for path in (acme.parent / "beta").rglob("*.yml"))


CALLS = """\
# Agreed with the customer.
calls:
- name: "+491557701, Monday 2026-03-02 10:00"
  call: "+491557701"   # dialled most
  at: 2026-03-02 10:00
  caller: "+491557799"
  assume: ["7101=busy,away", all=busy]
  expect: [queue 7800, ring_group 7810]
  avoid: [voicemail 7102, external +491557702, external +491557799]
- {call: menu 7801, press: "1", expect: [queue 7800], uncertain: true, within: 600}
- {call: "trunk Quoll line", expect: ended, uncertain: true}
- {call: "rule 19977 / BasedOnDID / *7702", expect: [user 7102], uncertain: true}
- name: Zanzibar calls out
  dial: "030123"
  extension: '7101'
  expect: [trunk 19977, external 30123]
  caller_id: "+491557700"
  uncertain: true
"""


CLONED_CALLS = """\
# Agreed with the customer.
calls:
- name: "+492008801, Monday 2026-03-02 10:00"
  call: "+492008801"   # dialled most
  at: 2026-03-02 10:00
  caller: "+491557799"
  assume: ["3101=busy,away", all=busy]
  expect: [queue 4899, ring_group 4810]
  avoid: [voicemail 3102, "external +492008802", external +491557799]
- {call: menu 4801, press: "1", expect: [queue 4899], uncertain: true, within: 600}
- {call: trunk New line, expect: ended, uncertain: true}
- {call: "rule 10055 / BasedOnDID / *8802", expect: [user 3102], uncertain: true}
- name: Zanzibar calls out
  dial: "030123"
  extension: "3101"
  expect: [trunk 10055, external 30123]
  caller_id: "+492008800"
  uncertain: true
"""


def test_expectations_are_carried_over_and_hold_as_before(threecx: Threecx, acme: Path) -> None:
    (acme / "calls.yml").write_text(CALLS)
    done = _cloned(threecx, acme)
    assert (done.status, done.err) == (0, ""), done.out
    beta = acme.parent / "beta"
    assert (beta / "calls.yml").read_text() == CLONED_CALLS
    assert "* calls.yml:13:9: this line contains Zanzibar, which is now Berlin." in done.out
    before, after = (threecx("test", str(one), "--json").json for one in (acme, beta))
    states = [one["state"] for one in before["calls"]]
    assert ([one["state"] for one in after["calls"]], "error" in states) == (states, False)


def test_layers_become_one_directory_and_that_is_said(threecx: Threecx, acme: Path) -> None:
    top = acme.parent / "top"
    top.mkdir()
    (top / "vars.yml").write_text("service: Help\n")
    (top / "own.yml").write_text('queues: [{number: "7800", name: "{{ service }}"}]  # theirs\n')
    (top / "calls.yml").write_text("calls: [{call: queue 7800, expect: queue 7800, within: 5, uncertain: true}]\n")
    (acme / "calls.yml").write_text("calls: [{call: ring_group 7810, avoid: [user 7101]}]\n")
    beta, mapped = str(acme.parent / "beta"), str(acme.parent / "map.yml")
    done = threecx("clone", "-f", str(acme), "-f", str(top), beta, "--map", mapped)
    assert done.status == 0, done.err
    assert done.err.startswith("Note: the layers, comments and variables of "), done.err
    assert [one.values["name"] for one in load(Path(beta)).of("queue")] == ["Help"]
    calls = (acme.parent / "beta" / "calls.yml").read_text()
    assert all(one in calls for one in ("queue 4899", "ring_group 4810", "user 3101"))
    assert CANARY.findall(calls) == []
    assert threecx("clone", "-f", str(acme), str(top), beta).status == 1


def test_bad_arguments_are_one_sentence(threecx: Threecx, acme: Path) -> None:
    beta = str(acme.parent / "beta")
    (empty := acme.parent / "empty").mkdir()
    for arguments, wanted in (
        (("nowhere", beta), "There is no directory nowhere."),
        ((str(acme), str(acme)), "exists and is not empty"),
        ((str(acme), str(acme / "beta")), "whose files it would be read with"),
        (("-f", str(empty), "-f", str(acme), str(acme / "new" / "beta")), "whose files it would be read with"),
        ((str(empty), beta), "declares anything"),
        ((str(acme), beta, "--map", "none.yml"), "none.yml"),
        ((str(acme), beta, "--yes"), "B is a directory, so nothing is applied"),
        ((str(acme), "profile:beta", "--release", "20.0.8"), "leave out --release"),
    ):
        done = threecx("clone", *arguments)
        assert (done.status, wanted in " ".join(done.err.split())) == (1, True), done.err
