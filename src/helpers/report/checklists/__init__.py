"""Reporting checklists for a finished evaluation: every item of CLAIM 2024 and TRIPOD+AI with exactly one state."""

from helpers.report.checklists.assessment import Assessment, State, assess, count_states
from helpers.report.checklists.evidence import Evidence
from helpers.report.checklists.gathering import gather
from helpers.report.checklists.items import CHECKLISTS, Checklist, Item, read_checklist

__all__ = [
    "CHECKLISTS",
    "Assessment",
    "Checklist",
    "Evidence",
    "Item",
    "State",
    "assess",
    "count_states",
    "gather",
    "read_checklist",
]
