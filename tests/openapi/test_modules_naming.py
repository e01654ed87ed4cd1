"""How names of the XAPI are spelt in Ansible."""

from __future__ import annotations

import re

import pytest

from openapi.codegen import document
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.schema import SchemaReader


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("Id", "id"),
        ("OutboundCallerId", "outbound_caller_id"),
        ("AuthID", "auth_id"),
        ("RemoteFQDN", "remote_fqdn"),
        ("AllowSSLProvisioning", "allow_ssl_provisioning"),
        ("Enable2FA", "enable_2fa"),
        ("IsHosted3CX", "is_hosted_3cx"),
        ("G711ToT38Fallback", "g711_to_t38_fallback"),
        ("MusicOnHold1", "music_on_hold1"),
        ("S3Path", "s3_path"),
        ("LocalSipPort", "local_sip_port"),
        ("URL", "url"),
    ],
)
def test_spelling(name: str, option: str) -> None:
    assert snake_case(name) == option


def test_every_property_of_the_document_becomes_a_legal_option_of_its_own() -> None:
    reader = SchemaReader(document.load())
    entities = {entity_set.schema for entity_set in reader.entity_sets.values()}
    for schema in entities:
        options = [snake_case(name) for name in reader.facts(schema)]
        assert len(options) == len(set(options)), schema
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", option) for option in options), schema
