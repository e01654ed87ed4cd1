"""A default department with another name than in the files."""

from __future__ import annotations

from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.pbx import Pbx


def hint(plan: Plan, pbx: Pbx) -> str | None:
    """A sentence about a default department that the files do not declare, while they create others; None if they do.

    Carried out as it is, the plan leaves a PBX whose default department is none of the files. A department cannot be
    made the default one, so the one that is has to be renamed.

    Parameters:
        plan: of the files
        pbx: that was compared; its departments are read if the plan may be meant so
    """
    created = sorted(
        str(one.identity[0]) for one in plan.operations if (one.kind, one.doing) == ("group", Doing.CREATE)
    )
    kept = {identity for kind, identity in plan.unmanaged if kind == "group"}
    if not created or not kept:
        return None
    default = next((row for row in pbx.everything("group") if row.get("is_default")), None)
    if default is None or (default.get("name"),) not in kept:
        return None
    name = default["name"]
    return (
        f"{name} is the default department of this PBX. The files do not declare it, and create {', '.join(created)}. "
        f"If one of these is meant to be the default department, rename {name} first, for example with "
        f"threecx api UpdateGroup -f Id={default['id']} --input FILE --write; otherwise both will be there."
    )
