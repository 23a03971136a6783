"""`python -m vunet bench`: what an answer to a drag costs, part by part, beside the machine's own limit."""

from vunet.bench.report import report

__all__ = ["report"]
