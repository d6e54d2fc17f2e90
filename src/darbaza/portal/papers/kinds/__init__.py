"""The kinds of documents: what each gathers from its record."""

from darbaza.portal.papers.kinds import acts, decisions, duties, minutes, orders, proposals, schedule

ALL = (
    orders.ORDER,
    minutes.MINUTES,
    decisions.DECISION,
    decisions.EXTRACT,
    duties.DUTIES,
    proposals.PROPOSALS,
    acts.MONTH,
    schedule.SCHEDULE,
    schedule.WEEK,
)

__all__ = ["ALL"]
