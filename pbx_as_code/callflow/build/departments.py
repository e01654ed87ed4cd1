"""Departments and their holidays."""

from __future__ import annotations

from datetime import timedelta

from pbx_as_code.callflow.build import values as read
from pbx_as_code.callflow.build.sources import Sources
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.nodes import Node, Origin
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.model.schedule import Holiday, Override
from pbx_as_code.config.configuration import Definition


def department(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A department as its definition says."""
    values = definition.values
    known = sources.default_department
    return Department(
        ref=ref,
        name=ref.key,
        origin=Origin(definition),
        number=read.text(values, "number"),
        is_default=None if known is None else known == ref,
        zone=sources.zone_of(ref.key, read.text(values, "time_zone_id")),
        hours=read.schedule(values, "hours"),
        break_time=read.schedule(values, "break_time"),
        holidays=sources.holidays_of(ref.key),
        holidays_known="holiday" in sources.complete,
        routes=read.routes(values),
        override=Override(
            read.members(values, "current_group_hours"),
            read.moment(values, "override_expires_at"),
            read.flag(values, "override_holidays"),
        ),
        custom_operator=read.destination(values, "custom_operator"),
    )


def holiday(definition: Definition) -> Holiday:
    """A holiday as its definition says. A time that cannot be read counts as absent: the whole day."""
    values = definition.values
    return Holiday(
        read.text(values, "name") or "",
        read.text(values, "group"),
        read.flag(values, "is_recurrent"),
        read.number(values, "day"),
        read.number(values, "month"),
        read.number(values, "year"),
        _time(values, "time_of_start_date"),
        read.number(values, "day_end"),
        read.number(values, "month_end"),
        read.number(values, "year_end"),
        _time(values, "time_of_end_date"),
        read.text(values, "holiday_prompt"),
    )


def _time(values: read.Values, option: str) -> timedelta | None:
    try:
        return read.time_of_day(values, option)
    except ValueError:
        return None
