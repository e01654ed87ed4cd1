"""The digest of a configuration, which ties a plan to its files: other releases must compute the same one."""

from __future__ import annotations

from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.planning.digest import digest_of

_FILES = """\
defaults: {users: {language: EN, enabled: true, vm_pin: null, internal: false}}
trunks:
- {number: '10000', simultaneous_calls: 5, auth_password: !secret t, gateway: {name: "ä", host: sip.example}}
users:
- {number: '1', first_name: "a\\"b\\n€", enabled: false, groups: [{group: Sales}]}
- {number: '2', mobile: 0123}
"""


def test_the_digest_of_known_files_stays() -> None:
    assert digest_of(load_sources([("a.yml", _FILES.encode())])) == (
        "9828dd9e468a4abfc7b2250fcc99637ab1f51759775efe5d68e1ff2399f26bf6"
    )


def test_the_split_of_the_files_does_not_matter_and_a_value_does() -> None:
    parts = _FILES.partition("users:\n-")
    split = [("b.yml", (parts[1] + parts[2]).encode()), ("a.yml", parts[0].encode())]
    assert digest_of(load_sources(split)) == digest_of(load_sources([("a.yml", _FILES.encode())]))
    for old, new in (("enabled: true", "enabled: null"), ("secret t", "secret u"), ("0123", "123"), (": 5", ": 6")):
        other = load_sources([("a.yml", _FILES.replace(old, new).encode())])
        assert digest_of(other) != digest_of(load_sources([("a.yml", _FILES.encode())]))
