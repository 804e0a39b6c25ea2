"""Overdue: tasks that nobody has seen to in time climb to the people on call."""

from bot.core.events import Unanswered
from bot.failpoint import failpoint
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.store import inbox, worklist
from bot.store.inbox import Mail

AT_ONCE = 200


def overdue(rt: Runtime) -> int:
    """Tell the conversations of tasks whose time is over; returns how many. Several clocks may do so at once."""
    total = 0
    while True:
        now = rt.now()
        with rt.begin() as db:
            late = worklist.take_overdue(db, now, AT_ONCE)
            mail = [
                Mail(
                    clinic=task.clinic,
                    conversation=task.conversation,
                    dedupe=f"overdue:{task.id}",
                    what=Unanswered(task=task.task, urgency=task.urgency),
                )
                for task in late
            ]
            inbox.put(db, mail, now)
            failpoint("overdue-before-commit")
        if late:
            rt.doorbell.ring(INBOUND)
        total += len(late)
        if len(late) < AT_ONCE:
            return total
