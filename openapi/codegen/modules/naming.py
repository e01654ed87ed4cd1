"""How a name of the XAPI is spelt in Ansible."""

from __future__ import annotations

import re

# A capital begins a word where a small letter or digit precedes it, or where it ends a run of capitals:
# RemoteFQDN -> Remote FQDN, AllowSSLProvisioning -> Allow SSL Provisioning.
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Return an XAPI name as an option: OutboundCallerId -> outbound_caller_id, AuthID -> auth_id."""
    return _WORD_BEGINS.sub("_", name).lower()
