"""Functions that list what their entity set stores answer as the set would."""

from __future__ import annotations

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api


def test_the_templates_of_crm_systems(pbx: SimulatedPbx) -> None:
    api = Api(pbx)
    rows = api.rows("/CrmTemplates/Pbx.GeCrmtTemplates()")
    assert [row["Name"] for row in rows] == ["Example CRM", "Former CRM"]
    assert rows[1]["@odata.etag"] == api.one("/CrmTemplates('Former CRM')")["@odata.etag"]
