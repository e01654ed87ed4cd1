"""Behaviour of users, peers, contacts and similar sets in addition to being stored."""

from __future__ import annotations

from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.checks import rules, uniqueness
from pbx_simulator.errors import ALREADY_IN_USE, NOT_FOUND, warning
from pbx_simulator.http.exchange import Call
from pbx_simulator.model import binding
from pbx_simulator.model.document import Json
from pbx_simulator.state import defaults
from pbx_simulator.state.store import datas

from . import related
from .entities import named_row
from .registry import does


@does("Users", "HasDuplicatedEmail")
def has_duplicated_email(call: Call, _: Any) -> bool:
    """Whether another user has the same mail address."""
    mail = named_row(call).data.get("EmailAddress")
    return bool(mail) and sum(row.data.get("EmailAddress") == mail for row in call.store.rows("Users")) > 1


@does("Users", "GetDuplicatedEmails")
def duplicated_emails(call: Call, body: Json) -> list[str]:
    """Those of the given mail addresses some user has already."""
    taken = {row.data.get("EmailAddress") for row in call.store.rows("Users")}
    return [mail for mail in body.get("emails") or [] if mail in taken]


@does("Users", "GetPhoneSecret")
def phone_secret(call: Call, _: Any) -> str:
    """The password of a user's desk phone."""
    return str(named_row(call).data.get("DeskphonePassword") or "")


@does("Users", "BulkUpdate", "MultiUserUpdate")
def bulk_update(call: Call, body: Json) -> None:
    """Change several users in the same way, or none.

    Raises:
        Refusal: 400 where one of them does not exist or the change is refused.
    """
    kind = call.store.describe("Users").type
    given = {p: v for p, v in (body.get("user") or {}).items() if p in kind.properties and p not in ("Id", "Number")}
    planned = []
    for key in body.get("ids") or []:
        row = call.store.get("Users", key)
        if row is None:
            raise warning(NOT_FOUND, "Id")
        changes = {prop: binding.merged(row.data, {prop: value}, kind)[prop] for prop, value in given.items()}
        planned.append((key, rules.on_update(call.store, "Users", row.data, changes)))
    alone = uniqueness.fixed("Users", given) if len(planned) > 1 else None
    if alone is not None:
        raise warning(ALREADY_IN_USE, alone)
    for key, changes in planned:
        call.store.change("Users", key, changes)


@does("Users", "Regenerate", "RegeneratePasswords")
def regenerate(call: Call, body: Json) -> None:
    """Give users new credentials, of the kinds asked for."""
    keys = body.get("Ids") if call.operation.name == "RegeneratePasswords" else [named_row(call).data["Id"]]
    wanted = body.get("opts") or {}
    rows = [call.store.get("Users", key) for key in dict.fromkeys(keys or ())]
    if None in rows:
        raise warning(NOT_FOUND, "Id")
    for row in rows:
        assert row is not None
        number = f"{row.data['Number']}-{row.revision}"
        fresh = {
            "SipAuth": {"AuthPassword": f"invented-sip-{number}"},
            "WebclientPassword": {"AccessPassword": f"invented-web-{number}"},
            "VoicemailPIN": {"VMPIN": f"{row.revision:04d}"},
            "DeskphonePassword": {"DeskphonePassword": f"invented-phone-{number}"},
        }
        changes: Json = {}
        for option, values in fresh.items():
            if wanted.get(option):
                changes.update(values)
        call.store.change("Users", row.data["Id"], changes)


@does("Fxs", "RegenerateWebCredentials")
def regenerate_gateway(call: Call, _: Any) -> Json:
    """Give a gateway a new password for its web page."""
    row = named_row(call)
    fresh = {"Password": f"invented-web-{row.data['MacAddress']}-{row.revision}"}
    return call.store.change("Fxs", row.data["MacAddress"], fresh).data


@does("Peers", "GetReportPeers")
def report_peers(call: Call, _: Any) -> list[Json]:
    """Every numbered entity."""
    return related.peers(call.store)


@does("Peers", "RetreivePeersByNumbers")
def peers_by_numbers(call: Call, body: Json) -> list[Json]:
    """The numbered entities that have one of the given numbers."""
    request = body.get("peersRequest") or {}
    wanted = {number for value in request.values() if isinstance(value, list) for number in value}
    return [peer for peer in related.peers(call.store) if peer["Number"] in wanted]


@does("Contacts", "GetContactsByNumber")
def contacts_by_number(call: Call, _: Any) -> list[Json]:
    """Contacts any of whose telephone numbers is the given one."""
    wanted = call.arguments["number"]
    phones = ("PhoneNumber", "Mobile2", "Home", "Business", "Business2", "Other", "BusinessFax", "Pager")
    return [row for row in datas(call.store.rows("Contacts")) if wanted in (row.get(phone) for phone in phones)]


@does("Contacts", "CreateContactByNumber")
def create_contact(call: Call, body: Json) -> Json:
    """Store a contact in the phone book of an extension."""
    given = body.get("contact") or {}
    row = {**call.store.blank("Contacts"), **given}
    checked = rules.on_create(call.store, "Contacts", row, given)
    return call.store.insert("Contacts", defaults.complete(call.store, "Contacts", checked, given)).data


def one_by_number(call: Call, _: Any) -> Json:
    """An entity by its number: the look-up of releases up to 20.0.7.

    Raises:
        Refusal: 404 where there is none.
    """
    owner, number = call.operation.owner, call.arguments["number"]
    if owner == "Peers":
        held = call.store.by_number(number)
        found = None if held is None else related.peer(held[0], held[1].data)
    else:
        row = call.store.find(owner, "Number", number)
        found = None if row is None else row.data
    if found is None:
        raise warning(NOT_FOUND, "Number", 404)
    return found


for _owner, _function in knowledge.BY_NUMBER.items():
    does(_owner, _function)(one_by_number)


@does("ServicePrincipals", "GenerateAppToken")
def app_token(call: Call, _: Any) -> str:
    """A secret with which a service principal signs in from now on; invented."""
    number = named_row(call).data["Number"]
    secret = f"invented-secret-of-{number}"
    call.store.client_secrets[number] = secret
    return secret
