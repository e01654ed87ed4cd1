"""Explain an invalid certificate in plain words, and read the certificates of a folder."""

from __future__ import annotations

import os
import re
import ssl
from typing import NamedTuple

_FILES = (".pem", ".crt", ".cer")
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # as `openssl rehash` names them


class Complaint(NamedTuple):
    """Why a certificate is not trusted.

    Attributes:
        problem: expired, not yet valid, wrong name, self-signed, unknown authority or other
        why: in plain words
        advice: what to do, as one sentence or two
    """

    problem: str
    why: str
    advice: str


_CA = "Give the file of the CA that signed it (ca_path)"
_CLOCK = "and check the clock of this machine"
_KNOWN = {  # by the numbers of OpenSSL's X509_V_ERR_...
    9: Complaint("not yet valid", "it is not valid yet", f"Check the date from which it is valid, {_CLOCK}."),
    10: Complaint("expired", "it has expired", f"Renew it on the PBX, {_CLOCK}."),
    18: Complaint("self-signed", "it is self-signed", "Set ca_path to the certificate itself."),
    19: Complaint("unknown authority", "it was signed by the PBX's own CA, which is unknown here", f"{_CA}."),
    20: Complaint("unknown authority", "the CA that signed it is unknown here", f"{_CA}."),
    21: Complaint("unknown authority", "the CA that signed it is unknown here", f"{_CA}."),
}
_NAMES = (62, 64)


def complaint(error: ssl.SSLCertVerificationError, host: str) -> Complaint:
    """Explain why the certificate of a host is invalid.

    Parameters:
        error: of Python's ssl
        host: name or address that was asked for
    """
    if error.verify_code in _NAMES:
        return Complaint(
            "wrong name",
            f"it was issued for a name other than {host}",
            "Set the host to the name in the certificate, or issue a certificate for this name.",
        )
    # The words for anything rarer are OpenSSL's own; they name no secret.
    words = error.verify_message or "certificate verify failed"
    return _KNOWN.get(error.verify_code) or Complaint("other", words[:1].lower() + words[1:], f"{_CA}.")


def context_of_folder(path: str) -> ssl.SSLContext | None:
    """A context that trusts the certificates in a folder, under whatever name; None where there are none.

    OpenSSL itself looks only for names that are digests, and says nothing where no file has such a one.

    Parameters:
        path: the folder

    Raises:
        OSError: it cannot be read
    """
    names = sorted(os.listdir(path))
    context = ssl.create_default_context(capath=path)
    for name in names:
        if name.lower().endswith(_FILES):
            try:
                context.load_verify_locations(cafile=os.path.join(path, name))
            except ssl.SSLError:  # a key, perhaps; whether anything is left to trust shows below
                continue
    if context.cert_store_stats()["x509"] or any(_HASHED.fullmatch(name) for name in names):
        return context
    return None
