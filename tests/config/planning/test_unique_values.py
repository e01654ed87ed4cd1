"""Numbers, addresses and DIDs that two objects swap, or that another object keeps."""

from __future__ import annotations

import pytest

from pbx_as_code.config.applying.refusals import MissingSecrets
from pbx_as_code.config.planning.operations import Doing
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.config.secrets import Resolver
from tests.config.applying import INVENTED, Site, done


class TestUniqueValues:
    def test_two_trunks_swap_their_dids(self, at: Site) -> None:
        files = "trunks:\n- {number: '10000', did_numbers: ['+15550901']}\n- {number: '10001', did_numbers: [%s]}\n"
        assert not at.apply(files % "'+15550902'").failed
        swapped = (files % "'+15550901'").replace("did_numbers: ['+15550901']", "did_numbers: ['+15550902']", 1)
        made = at.plan(swapped)
        assert [one.doing for one in made.operations].count(Doing.FREE) >= 1
        assert not at.apply(made).failed
        assert at.plan(swapped).operations == []

    def test_two_numbers_swap_their_dids(self, at: Site) -> None:
        rule = (
            "- {trunk: '10000', condition: BasedOnDID, data: '%s',"
            " office_hours_destination: {to: Extension, number: '%%s'}}\n"
        )
        rules = "inbound_rules:\n" + rule % "+15550100" + rule % "+15550101"
        assert not at.apply(rules % ("100", "101")).failed
        assert not at.apply(rules % ("101", "100")).failed
        assert at.plan(rules % ("101", "100")).operations == []
        assert len(at.simulated.entities("InboundRules")) == 2

    def test_two_users_swap_their_addresses(self, at: Site) -> None:
        users = "users:\n- {number: '100', email_address: %s}\n- {number: '101', email_address: %s}\n"
        assert not at.apply(users % ("one@example.com", "two@example.com")).failed
        applied = at.apply(users % ("two@example.com", "one@example.com"))
        assert not applied.failed, applied.fates
        assert at.plan(users % ("two@example.com", "one@example.com")).operations == []

    def test_three_phones_move_in_a_cycle(self, at: Site) -> None:
        template = at.pbx.everything("phone_template")[0]["id"]
        addresses = ["0004132abc01", "0004132abc02", "0004132abc03"]

        def files(first: int) -> str:
            turned = zip(("301", "302", "303"), addresses[first:] + addresses[:first], strict=True)
            phones = (
                (number, f"{{mac_address: '{address}', template_name: {template}}}") for number, address in turned
            )
            return "users:\n" + "".join(f"- {{number: '{number}', phones: [{one}]}}\n" for number, one in phones)

        for first in (0, 1, 0, 2):
            applied = at.apply(files(first))
            assert not applied.failed, applied.fates
            assert at.plan(files(first)).operations == []
            phones = {user["Number"]: user["Phones"] for user in at.simulated.entities("Users")}
            assert [phones[number][0]["MacAddress"] for number in ("301", "302", "303")] == (
                addresses[first:] + addresses[:first]
            )

    def test_a_value_that_another_object_keeps_is_impossible(self, at: Site) -> None:
        made = at.plan("users:\n- {number: '391', first_name: New, email_address: Ada.Moreno@example.com}\n")
        ((kind, identity, why),) = made.impossible
        assert (kind, identity) == ("user", ("391",))
        assert "user 100" in why
        made = at.plan("ring_groups:\n- {number: '100', name: Desk}\n")
        assert "100" in made.impossible[0][2]

    def test_a_number_goes_from_one_kind_to_another(self, at: Site) -> None:
        at.apply("users: [{number: '395', first_name: Old}]\n")
        at.apply("queues: [{number: '872', name: Points, forward_no_answer: {to: Extension, number: '395'}}]\n")
        files = (
            "ring_groups: [{number: '395', name: New}]\n"
            "queues: [{number: '872', name: Points, forward_no_answer: {to: RingGroup, number: '395'}}]\n"
        )
        made = at.plan(files, remove=("users:395",))
        assert made.impossible == []
        order = done(made)
        assert order.index(("remove", "user", "395")) < order.index(("create", "ring_group", "395"))
        applied = at.apply(made)
        assert not applied.failed, applied.fates
        assert at.plan(files).operations == []
        queue = at.pbx.read("queue", number="872")
        assert queue is not None
        assert queue["forward_no_answer"]["number"] == "395"

    def test_an_address_goes_from_a_gateway_to_a_phone(self, at: Site) -> None:
        """The address of a gateway is its key, so the gateway is removed first."""
        template = at.pbx.everything("phone_template")[0]["id"]
        files = f"users: [{{number: '300', phones: [{{mac_address: '001122334455', template_name: {template}}}]}}]\n"
        made = at.plan(files, remove=("fxs_gateways:001122334455",))
        first, second = made.operations
        assert done(made) == [("remove", "fxs", "001122334455"), ("update", "user", "300")]
        assert second.after == (first.number,)
        assert not at.apply(made).failed
        assert at.plan(files).operations == []

    def test_a_destination_follows_a_number_to_another_kind(self, at: Site) -> None:
        """A PBX sets another type beside a destination that it removes: both are sent again, and together."""
        files = (
            "users: [{number: '396', first_name: Old}]\n"
            "receptionists:\n"
            "- {number: '395', name: Menu, ivr_type: Default, prompt_filename: welcome.wav, timeout: 5,\n"
            "   timeout_forward_type: Extension, timeout_forward_dn: '396',\n"
            "   forwards: [{input: '1', forward_type: Extension, forward_dn: '396'}]}\n"
            "call_parking_settings: {auto_pickup_forward_type: DN, auto_pickup_forward_dn: '396'}\n"
        )
        assert not at.apply(files).failed
        files = files.replace("Extension", "Queue").replace("users: [{number: '396', first_name: Old}]", "")
        files += "queues: [{number: '396', name: New}]\n"
        applied = at.apply(at.plan(files, remove=("users:396",)))
        assert not applied.failed, applied.fates
        assert at.plan(files).operations == []
        menu = at.pbx.read("receptionist", number="395")
        assert menu is not None
        assert (menu["timeout_forward_type"], menu["forwards"][0]["forward_type"]) == ("Queue", "Queue")

    def test_a_destination_follows_numbers_that_swap(self, at: Site) -> None:
        """The type beside a destination is the same before and after, and another one in between."""
        files = (
            "users: [{number: '395', first_name: One}, {number: '396', first_name: Two}]\n"
            "receptionists:\n"
            "- {number: '397', name: Menu, ivr_type: Default, prompt_filename: welcome.wav, timeout: 5,\n"
            "   timeout_forward_type: Queue, timeout_forward_dn: '398',\n"
            "   forwards: [{input: '1', forward_type: Extension, forward_dn: '396'}]}\n"
            "call_parking_settings: {auto_pickup_forward_type: DN, auto_pickup_forward_dn: '398'}\n"
            "queues: [{number: '398', name: Sales}]\n"
        )
        assert not at.apply(files).failed
        swapped = files.replace("396", "9").replace("398", "396").replace("'9'", "'398'")
        made = at.plan(swapped, remove=("users:396", "queues:398"))
        applied = at.apply(made)
        assert not [fate.why for fate in applied.fates if fate.why]
        assert at.plan(swapped).operations == []
        menu, parking = at.pbx.read("receptionist", number="397"), at.pbx.read("call_parking_settings")
        assert menu is not None
        assert parking is not None
        assert (menu["timeout_forward_type"], menu["timeout_forward_dn"]) == ("Queue", "396")
        assert (menu["forwards"][0]["forward_type"], menu["forwards"][0]["forward_dn"]) == ("Extension", "398")
        assert (parking["auto_pickup_forward_type"], parking["auto_pickup_forward_dn"]) == ("DN", "396")

    def test_a_phone_moves_with_its_credentials_or_not_at_all(self, at: Site) -> None:
        """On its new user it is a new phone; what the old user keeps is left alone."""
        about = "template_name: yealinkT4x.ph.xml"
        first, second = (f"{{mac_address: '0a000000000{n}', {about}%s}}" for n in (1, 2))
        files = f"users:\n- {{number: '301', phones: [{first}, {second}]}}\n- {{number: '302', phones: []}}\n"
        marked = ", settings: {provision_extended_data: !secret %s}"
        assert not at.apply(files % (marked % "one", marked % "two")).failed
        moved = f"users:\n- {{number: '301', phones: [{second}]}}\n- {{number: '302', phones: [{first}]}}\n"
        made, _ = load_plan(dump(at.plan(moved % ("", marked % "one"))))
        asked: list[str] = []
        with pytest.raises(MissingSecrets, match="not given: one"):
            at.apply(made, secrets=Resolver([asked.append]))
        assert asked == ["one"]
        applied = at.apply(made, secrets=Resolver([{"one": "Invented-1", "": "Invented-2"}.get]))
        assert not [fate.why for fate in applied.fates if fate.why]
        assert applied.warnings == []
        users = {user["Number"]: user["Phones"] for user in at.simulated.entities("Users")}
        held = {number: users[number][0]["Settings"]["ProvisionExtendedData"] for number in ("301", "302")}
        assert held == {"301": INVENTED, "302": "Invented-1"}
        assert at.plan(moved % ("", marked % "one")).operations == []
