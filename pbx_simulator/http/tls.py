"""TLS with a certificate authority that lives as long as the simulated PBX."""

from __future__ import annotations

import os
import shutil
import ssl
import tempfile
from dataclasses import dataclass


@dataclass
class Certificate:
    """The server's TLS context and the file that makes clients trust it."""

    context: ssl.SSLContext
    ca_path: str

    def remove(self) -> None:
        """Delete the CA's file."""
        shutil.rmtree(os.path.dirname(self.ca_path), ignore_errors=True)


def throw_away(host: str) -> Certificate:
    """Make a CA and a certificate for `host`, localhost and 127.0.0.1."""
    import trustme

    authority = trustme.CA()
    names = dict.fromkeys([host, "localhost", "127.0.0.1"])
    leaf = authority.issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    folder = tempfile.mkdtemp(prefix="simulated-pbx-")
    path = os.path.join(folder, "ca.pem")
    authority.cert_pem.write_to_path(path)
    return Certificate(context, path)
