"""A collection's tarball whose bytes depend on nothing but its files.

ansible-galaxy lists files in the order of the file system and records their times and owners.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Final

_MANIFEST: Final = "MANIFEST.json"
_FILES: Final = "FILES.json"


def repack(source: Path, target: Path, epoch: int) -> None:
    """Write a tarball again: sorted, with one time, fixed modes and no owners.

    Parameters:
        source: tarball of ansible-galaxy collection build
        target: file to write
        epoch: seconds since 1970, the time of every file
    """
    with tarfile.open(source) as tarball:
        members = {member.name: member for member in tarball.getmembers()}
        contents = {
            name: file.read() for name, member in members.items() if (file := tarball.extractfile(member)) is not None
        }
    listed = json.loads(contents[_FILES])
    listed["files"].sort(key=lambda file: file["name"])
    contents[_FILES] = _as_json(listed)
    manifest = json.loads(contents[_MANIFEST])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents[_FILES]).hexdigest()
    contents[_MANIFEST] = _as_json(manifest)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tarball:
        for name in (_MANIFEST, _FILES, *sorted(set(members) - {_MANIFEST, _FILES})):
            tarball.addfile(
                _plain(members[name], epoch, len(contents.get(name, b""))), io.BytesIO(contents.get(name, b""))
            )
    target.write_bytes(gzip.compress(packed.getvalue(), compresslevel=9, mtime=epoch))


def _plain(member: tarfile.TarInfo, epoch: int, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(member.name)
    info.type, info.linkname = member.type, member.linkname
    info.size, info.mtime = size, epoch
    info.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return info


def _as_json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()
