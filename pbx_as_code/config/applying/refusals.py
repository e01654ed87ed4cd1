"""Why a plan is not carried out: found before the first write."""

from __future__ import annotations

from pbx_as_code.errors import PbxError


class PlanRefused(PbxError):
    """A plan is not carried out. Nothing was written."""


class Impossible(PlanRefused):
    """Something in the plan cannot be done."""


class LimitExceeded(PlanRefused):
    """More would be removed than the limits allow, and nobody has said that it is meant."""


class MissingSecrets(PlanRefused):
    """New objects need credentials that no source has."""


class Stale(PlanRefused):
    """The PBX or the files are not as they were when the plan was made."""


class OtherPbx(PlanRefused):
    """The files are those of another PBX, and nobody has said that it is meant."""
