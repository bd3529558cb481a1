"""What is wrong with a dataset or a split, found before anything is trained: :func:`audit_dataset`, :func:`audit_split`."""

from helpers.evaluation.audit.audit import audit_dataset
from helpers.evaluation.audit.findings import SEVERITIES, Audit, Finding
from helpers.evaluation.audit.pipelines import audit_split

__all__ = ["SEVERITIES", "Audit", "Finding", "audit_dataset", "audit_split"]
