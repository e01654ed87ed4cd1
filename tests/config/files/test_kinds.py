"""The registry of kinds in files: it fits the descriptions, and leaves no changeable kind undecided."""

from __future__ import annotations

from pbx_as_code.config import left_out
from pbx_as_code.config.kinds import KINDS, NOT_IN_FILES, REQUIRED, SECTIONS
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import NAMES, description


def test_every_kind_that_can_be_changed_is_decided_upon_once() -> None:
    changeable = {name for name in NAMES if description(name).changeable}
    decided = [*KINDS, *REQUIRED, *NOT_IN_FILES]
    assert len(decided) == len(set(decided))
    assert changeable <= set(decided)
    assert len(SECTIONS) == len(KINDS)


def test_what_is_left_out_exists() -> None:
    tables = (left_out.STATE, left_out.BOUND, left_out.DECLARED_ELSEWHERE, left_out.SECRETS)
    for kind in KINDS.values():
        paths = {path for path, _ in kind.paths()}
        for table in tables:
            assert set(table.get(kind.name, ())) <= paths, kind.name
    assert {name for table in tables for name in table} <= set(KINDS)


def test_what_tells_objects_apart_can_be_declared() -> None:
    for kind in KINDS.values():
        assert set(kind.identity) <= kind.options.keys(), kind.name
        assert bool(kind.identity) is not kind.settings


def test_what_is_required_has_a_name() -> None:
    for name, option in REQUIRED.items():
        about = description(name)
        assert isinstance(about, EntityDescription)
        assert option in {about.key.option, *(prop.option for prop in about.properties)}


def test_every_credential_of_the_descriptions_is_a_secret_of_its_kind() -> None:
    for kind in KINDS.values():
        for path, prop in kind.paths():
            if prop.secret or prop.write_only or prop.kind == "concealed":
                assert path in kind.secrets, f"{kind.name}.{path}"


#: Ids that somebody else has given: the provider of emergency calls, of trunks, of sign-ins and clouds.
_GIVEN_BY_OTHERS = {
    "data_connector_settings.remote_mysql_config.user_id",
    "data_connector_settings.remote_sql_server_config.user_id",
    "emergency_locations.locations.id",
    "google_settings.client_id",
    "google_settings.project_id",
    "microsoft365_integration.application_id",
    "microsoft365_integration.tenant_id",
    "trunk.auth_id",
    "trunk.emergency_geo_locations.id",
    "trunk.separate_auth_id",
    "user.phones.settings.vlan_infos.vlan_id",
}


def test_no_id_of_one_pbx_is_in_files() -> None:
    found = set()
    for kind in KINDS.values():
        for path, prop in kind.paths():
            of_a_caller = path.endswith("caller_id")
            identifies = path.rpartition(".")[2] in ("id", "ids") or path.endswith(("_id", "_ids"))
            if (
                identifies
                and not of_a_caller
                and prop.kind != "bool"
                and not prop.reference
                and path not in kind.left_out
            ):
                found.add(f"{kind.name}.{path}")
    assert found == _GIVEN_BY_OTHERS
