"""A company without a fault, and faults to plant in it."""

from __future__ import annotations

from pathlib import Path

COMPANY = """\
pbx:
  complete:
    [users, queues, ring_groups, receptionists, parkings, faxes, call_flow_apps, inbound_rules, holidays, groups]
  default_department: Head office
required:
  custom_prompts: [welcome.wav]
groups:
- name: Head office
  hours:
    type: OfficeHours
    periods:
    - {day_of_week: Monday, start: "09:00:00", stop: "17:00:00"}
  props: {user_number_from: "100", user_number_to: "199", system_number_from: "800", system_number_to: "899"}
- name: Night
  hours:
    type: OfficeHours
    periods:
    - {day_of_week: Monday, start: "17:00:00", stop: "23:00:00"}
holidays:
- {name: New Year, group: Head office, is_recurrent: true, day: 1, month: 1, day_end: 1, month_end: 1}
- {name: New Year at night, group: Night, is_recurrent: true, day: 1, month: 1, day_end: 1, month_end: 1}
users:
- number: "101"
  enabled: true
  require_2fa: true
  primary_group: Head office
  groups: [{group: Head office}]
  forwarding_profiles:
  - name: Available
    no_answer_timeout: 20
    available_route:
      no_answer_all_calls: true
      no_answer_internal: {to: VoiceMail, number: "101"}
      no_answer_external: {to: VoiceMail, number: "101"}
      busy_all_calls: true
      busy_internal: {to: VoiceMail, number: "101"}
      busy_external: {to: VoiceMail, number: "101"}
- number: "102"
  enabled: true
  require_2fa: true
  primary_group: Head office
  groups: [{group: Head office}]
queues:
- number: "800"
  name: Service
  groups: [{group: Head office}]
  agents: [{number: "101"}, {number: "102"}]
  master_timeout: 60
  forward_no_answer: {to: Extension, number: "101"}
ring_groups:
- number: "810"
  name: Sales
  groups: [{group: Head office}]
  members: [{number: "101"}]
  forward_no_answer: {to: VoiceMail, number: "101"}
receptionists:
- number: "801"
  name: Menu
  groups: [{group: Head office}]
  prompt_filename: welcome.wav
  forwards:
  - {input: Input1, forward_type: Queue, forward_dn: "800"}
  - {input: Input2, forward_type: RingGroup, forward_dn: "810"}
  timeout: 5
  timeout_forward_type: EndCall
trunks:
- number: "10000"
  external_number: "+15550100"
  did_numbers: ["+15550100", "+15550101"]
  template: generic.pv.xml
  routing_rules:
  - {condition: BasedOnDID, data: "+15550101"}
  - {condition: ForwardAll}
inbound_rules:
- rule_name: Service
  trunk: "10000"
  condition: BasedOnDID
  data: "+15550101"
  office_hours_destination: {to: Queue, number: "800"}
- rule_name: All others
  trunk: "10000"
  condition: ForwardAll
  office_hours_destination: {to: IVR, number: "801"}
outbound_rules:
- name: Emergency
  emergency_rule: true
  priority: 0
  prefix: "112"
  routes: [{trunk: "10000"}]
- name: Everything
  priority: 1
  prefix: "0"
  routes: [{trunk: "10000", strip_digits: 1}]
"""

#: By rule: a text of the company, and what stands in its place. Each plants one fault.
FAULTS: dict[str, list[tuple[str, str]]] = {
    "missing-destination": [
        ('forward_no_answer: {to: Extension, number: "101"}', 'forward_no_answer: {to: Extension, number: "899"}'),
        ('members: [{number: "101"}]', 'members: [{number: "101"}, {number: "899"}]'),
        ("timeout_forward_type: EndCall", 'timeout_forward_type: Extension\n  timeout_forward_dn: "899"'),
        (
            'office_hours_destination: {to: Queue, number: "800"}',
            'office_hours_destination: {to: Queue, number: "888"}',
        ),
    ],
    "no-members": [
        ('members: [{number: "101"}]', "members: []"),
        ('agents: [{number: "101"}, {number: "102"}]', "agents: []"),
    ],
    "disabled-destination": [('- number: "102"\n  enabled: true', '- number: "102"\n  enabled: false')],
    "lost-did": [
        ('office_hours_destination: {to: Queue, number: "800"}', "office_hours_destination: {to: None}"),
    ],
    "shadowed-rule": [
        (
            '  - {condition: BasedOnDID, data: "+15550101"}\n  - {condition: ForwardAll}',
            '  - {condition: ForwardAll}\n  - {condition: BasedOnDID, data: "+15550101"}',
        ),
        (
            "- name: Everything\n",
            '- name: First\n  priority: 1\n  prefix: "0"\n  routes: [{trunk: "10000"}]\n- name: Everything\n',
        ),
    ],
    "forwarding-loop": [
        ('busy_external: {to: VoiceMail, number: "101"}', 'busy_external: {to: Queue, number: "800"}'),
        ('forward_no_answer: {to: VoiceMail, number: "101"}', 'forward_no_answer: {to: RingGroup, number: "810"}'),
    ],
    "menu-loop": [
        (
            "  timeout_forward_type: EndCall\n",
            '  timeout_forward_type: IVR\n  timeout_forward_dn: "802"\n- number: "802"\n  name: Second\n'
            "  groups: [{group: Head office}]\n"
            '  prompt_filename: welcome.wav\n  timeout: 5\n  timeout_forward_type: IVR\n  timeout_forward_dn: "801"\n',
        ),
    ],
    "missing-prompt": [
        ("  prompt_filename: welcome.wav\n", "  prompt_filename: ''\n"),
        ("  prompt_filename: welcome.wav\n", "  prompt_filename: lost.wav\n"),
    ],
    "never-open": [
        ('    periods:\n    - {day_of_week: Monday, start: "17:00:00", stop: "23:00:00"}', "    periods: []"),
    ],
    "no-holidays": [
        (
            "- {name: New Year at night, group: Night, is_recurrent: true",
            "- {name: New Year at night, group: Night, is_recurrent: false, year: 2020",
        ),
    ],
    "no-second-factor": [
        (
            '- number: "102"\n  enabled: true\n  require_2fa: true',
            '- number: "102"\n  enabled: true\n  require_2fa: false',
        )
    ],
    "number-out-of-range": [('user_number_to: "199"', 'user_number_to: "101"')],
    "unused-object": [('  - {input: Input2, forward_type: RingGroup, forward_dn: "810"}\n', "")],
    "refused-forward": [
        (
            'forward_no_answer: {to: VoiceMail, number: "101"}',
            'forward_no_answer: {to: External, external: "+15559999"}',
        ),
    ],
    "emergency": [
        ('  prefix: "112"\n  routes: [{trunk: "10000"}]', '  prefix: "112"\n  routes: []'),
        (
            '- name: Emergency\n  emergency_rule: true\n  priority: 0\n  prefix: "112"\n  routes: [{trunk: "10000"}]\n',
            "",
        ),
        ('  priority: 1\n  prefix: "0"\n', "  priority: 1\n"),
        ('prefix: "112"', 'prefix: "112,800"'),
    ],
    "closed-overflow": [
        (
            'number: "810"\n  name: Sales\n  groups: [{group: Head office}]',
            'number: "810"\n  name: Sales\n  groups: [{group: Night}]',
        ),
    ],
}


def planted(rule: str) -> list[str]:
    """The company with each of the faults that a rule is to find.

    Parameters:
        rule: its id
    """
    texts = []
    for old, new in FAULTS[rule]:
        assert COMPANY.count(old) == 1, (rule, old, COMPANY.count(old))
        texts.append(COMPANY.replace(old, new))
    return texts


def write(directory: Path, text: str = COMPANY) -> Path:
    """Write a company as one file, and return its directory.

    Parameters:
        directory: to write to
        text: of the file
    """
    directory.mkdir(exist_ok=True)
    (directory / "company.yml").write_text(text)
    return directory
