"""Time zones in the section `pbx`: no plan sets them, and a plan says where they are not those of the PBX."""

from __future__ import annotations

from pbx_as_code.config.configuration import Configuration
from tests.config.applying import Site

BERLIN, NEW_YORK = "51", "12"


def _with_zones(at: Site, pbx_zone: str | None, sales: str | None) -> None:
    at.simulated.put("OfficeHours", {"TimeZoneId": pbx_zone})
    group = next(one for one in at.simulated.entities("Groups") if one["Name"] == "Sales")
    at.simulated.put("Groups", {"Id": group["Id"], "TimeZoneId": sales})


def _said(at: Site, files: str | Configuration) -> list[str]:
    return [one.partition(". A plan")[0] for one in at.plan(files).hints if "time zone" in one]


def test_a_plan_says_which_time_zones_differ(at: Site) -> None:
    _with_zones(at, BERLIN, NEW_YORK)
    exported = at.exported()
    assert exported.pbx["time_zones"] == {"Sales": "America/New_York"}
    assert _said(at, exported) == []
    _with_zones(at, NEW_YORK, None)
    assert _said(at, exported) == [
        "The time zone of the PBX is America/New_York, and pbx.time_zone of the files says Europe/Berlin",
        "The time zone of department Sales is not set, and pbx.time_zones of the files says America/New_York",
    ]


def test_a_time_zone_that_the_files_set_or_do_not_declare_is_left_alone(at: Site) -> None:
    _with_zones(at, BERLIN, NEW_YORK)
    files = "pbx: {time_zones: {Sales: Europe/Berlin}}\ngroups: [{name: Sales, time_zone_id: '51'}]\n"
    assert _said(at, files) == []
    assert _said(at, "pbx: {time_zone: Europe/Berlin}\noffice_hours: {}\ngroups: [{name: Sales}]\n") == []
    assert _said(at, "groups: [{name: Sales}]\n") == []
    zones = "pbx: {time_zones: {Sales: America/New_York}}\ngroups: [{name: Sales}]\noffice_hours: {}\n"
    assert _said(at, zones) == [], "of the PBX, they say nothing"
