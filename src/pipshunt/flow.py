"""The flow: a call with all that became of it up to the plan. `run.py` adds the outcome, `audit.py` writes it down."""

from typing import NamedTuple

from pipshunt.call import Call
from pipshunt.command import Command
from pipshunt.context import Context
from pipshunt.decision import Decision
from pipshunt.plan import Plan
from pipshunt.policy import Policy
from pipshunt.target import Target


class Flow(NamedTuple):
    """One call with all that became of it up to the plan."""

    call: Call
    command: Command | None
    target: Target | None
    context: Context | None
    policy: Policy | None
    decision: Decision
    plan: Plan
