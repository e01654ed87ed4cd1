"""How a name of the XAPI is spelt in Ansible."""

from __future__ import annotations

import re

# A capital begins a word where a small letter precedes it, where a number does and a small letter follows, or where it
# ends a run of capitals; a number begins one where capitals follow:
# RemoteFQDN -> Remote FQDN, G711ToT38 -> G711 To T38, AllowSSLProvisioning -> Allow SSL Provisioning, Require2FA ->
# Require 2FA. Names that no rule can split (IPv4, SIPID) are spelled in the catalogue with option:.
_WORD_BEGINS = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9]+[A-Z]{2})"
)


def snake_case(name: str) -> str:
    """Return an XAPI name as an option: OutboundCallerId -> outbound_caller_id, AuthID -> auth_id."""
    return _WORD_BEGINS.sub("_", name).lower()
