"""Which names are credentials', and what becomes of what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from threecx_xapi import index

from openapi.codegen.document import load
from pbx_as_code.engine.operation.operation import OperationRunner
from pbx_as_code.engine.options.redaction import (
    credentials_in,
    hidden,
    is_credential,
    secret_texts,
    without_credentials,
)

#: Every name in the document that is taken for a credential's. Look at a new one before you add it.
CREDENTIALS = [
    "APIKey",
    "AccessKey",
    "AccessPassword",
    "AllowChangePassword",
    "ApiKey",
    "AuthPassword",
    "ClientPrivateKey",
    "ClientSecret",
    "CodeChallenge",
    "DeskphonePassword",
    "EncryptBackupPassword",
    "ExchangePassword",
    "FtpPassword",
    "LicenseKey",
    "MailPassword",
    "ManagementAPIKey",
    "NsPassword",
    "PKCECodeVerifier",
    "Password",
    "PhoneWebPassword",
    "PinNumber",
    "PrivateKey",
    "ProvLink",
    "ProvisionLink",
    "ProvisionUrl",
    "ProvisioningLinkExt",
    "ProvisioningLinkLocal",
    "RefreshTokens",
    "SbcPrivateKey",
    "Secret",
    "SecretKey",
    "ServiceAccountCredentials",
    "SftpPassword",
    "SftpPrivateKey",
    "Token",
    "TranscribeKeyGrok",
    "TranscribeSecretKey",
    "UseProvisioningSecret",
    "VMPIN",
    "VoicemailPIN",
    "WebclientPassword",
    "accessToken",
    "licenseKey",
    "password",
]


def names(node: Any) -> Iterator[str]:
    """The names of every property and parameter of the document."""
    if isinstance(node, Mapping):
        if isinstance(node.get("properties"), Mapping):
            yield from node["properties"]
        if "in" in node and isinstance(node.get("name"), str):
            yield node["name"]
        for inner in node.values():
            yield from names(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from names(inner)


def test_the_names_of_the_document() -> None:
    assert sorted({name for name in names(load()) if is_credential(name)}) == sorted(CREDENTIALS)


def test_the_operations_that_answer_one() -> None:
    values = [name for name in index.operation_ids() if index.describe(name).answer == "value"]
    assert [name for name in values if is_credential(name)] == [
        "APIToken",
        "GenerateApiKey",
        "GenerateAppToken",
        "GenerateProvLink",
        "GetMicrosoftAccessToken",
        "GetPhoneSecret",
        "GetRequestHelpLink",
        "MyUserGenerateProvLink",
    ]


def test_names_that_only_look_like_it() -> None:
    for name in (
        "NextPageToken",
        "Mapping",
        "Spin",
        "TokenEndpoint",
        "Key",
        "PinProtected",
        "AuthID",
        "Footprint",
        "Keypad",
    ):
        assert not is_credential(name), name
    for name in ("access_token", "refresh_token", "pin", "user_pin", "SecurityCode", "NewPassword", "api_key"):
        assert is_credential(name), name


def test_a_switch_is_no_credential() -> None:
    answer = {
        "UseProvisioningSecret": True,
        "WebclientPassword": False,
        "VMPIN": None,
        "Password": "x",
        "PinNumber": 12,
    }
    assert without_credentials(answer) == {"UseProvisioningSecret": True, "WebclientPassword": False, "VMPIN": None}
    concealed = {
        "MailPassword": {"Concealed": True, "Value": "x"},
        "RefreshTokens": [{"Token": "x"}],
        "Rows": [{"Secret": "x", "Id": 1}],
    }
    assert without_credentials(concealed) == {"Rows": [{"Id": 1}]}
    assert hidden(concealed, "-") == {"MailPassword": "-", "RefreshTokens": "-", "Rows": [{"Secret": "-", "Id": 1}]}


def test_what_is_given_is_kept_secret_at_every_depth() -> None:
    body = {"Password": "a", "Rows": [{"VMPIN": 1234, "Name": "n"}], "MailPassword": {"Value": "b", "Concealed": False}}
    assert credentials_in(body) == {"a", "1234", "b"}
    assert credentials_in('{"Password": "from text"}') == {"from text"}
    assert credentials_in("Password=pairs Name=n") == {"pairs"}
    assert credentials_in("no mapping at all") == set()
    assert credentials_in(None) == set()
    given = {"parameters": {"token": "c"}, "body": body, "operation": "Password"}
    assert secret_texts(OperationRunner().arguments()["argument_spec"], given) == {"a", "1234", "b", "c"}
