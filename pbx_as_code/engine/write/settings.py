"""Run the module of a singleton, and its _info module."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pbx_as_code.engine.compare.answered_nulls import AnsweredNulls
from pbx_as_code.engine.compare.compare import Declaration, taken_out
from pbx_as_code.engine.compare.fixed_items import check_fixed_items
from pbx_as_code.engine.options.desired import desired_by, without_held
from pbx_as_code.engine.report.results import Outcome, entity, showable
from pbx_as_code.engine.write.change import change

if TYPE_CHECKING:
    from pbx_as_code.engine.task import SettingsTask


def ensure(task: SettingsTask) -> Outcome:
    """Make the settings be as the task says.

    Raises:
        PbxError: they cannot be so, or did not become so
    """
    settings, properties = task.settings, task.properties
    wanted = desired_by(task)
    row = settings.read(wanted)
    settings.check_release(properties, wanted, row)
    wanted = task.references.resolved(wanted, row, gone=taken_out(task.lists, properties))
    check_fixed_items(properties, wanted, row, task.pbx)
    spared = partial(without_held, properties) if task.spares_credentials else None
    return change(task, settings, row, Declaration(properties, wanted, task.lists, spared))


def shown(task: SettingsTask, nulls: AnsweredNulls | None = None) -> dict[str, Any]:
    """The settings as they are.

    Parameters:
        task: that reads
        nulls: learns from them

    Raises:
        PbxError: they cannot be read
    """
    row = task.settings.read({})
    if nulls is not None:
        nulls.look_at(row)
    if not task.description.changeable:
        row.pop("@odata.etag", None)  # there is nothing to give it to
    return entity(
        showable(task.description, task.client.release), row, reveal=bool(task.validated.get("reveal_secrets"))
    )
