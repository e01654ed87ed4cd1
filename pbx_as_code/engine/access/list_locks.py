"""The lock of ordered lists of objects, such as the inbound rules of trunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from threecx_xapi import locks

from pbx_as_code.engine.access.target import held_once


@contextmanager
def with_list(held: AbstractContextManager[bool], pbx: str, owners: str, what: str) -> Iterator[bool]:
    """Hold the lock of an object, and then that of lists; True where another task held one of them first.

    Parameters:
        held: lock of the object
        pbx, owners, what: see list_lock
    """
    with held as waited, list_lock(pbx, owners, what) as waited_for_list:
        yield waited or waited_for_list


def list_lock(pbx: str, owners: str, what: str) -> AbstractContextManager[bool]:
    """Hold the lock of the lists in which a PBX keeps objects in order; True where another task held it first.

    A PBX takes such a list as a whole: an object that another task creates, changes or removes between the reading and
    the writing of the list would be lost, or be as before. A task may hold this lock in addition to that of an object,
    and asks for no other one then, so no two tasks wait for each other.

    Parameters:
        pbx: the URL of the PBX
        owners: entity set of the objects with the lists, such as Trunks
        what: for messages

    Raises:
        PbxError: another task holds it until the deadline of this one
    """
    return held_once("list", lambda: locks.try_list_lock(pbx, owners), pbx, what)
