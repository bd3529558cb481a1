"""Numbers as reports print them."""

from __future__ import annotations

import math


def number(value: float | int | None) -> str:
    """Three digits after the point for what lies around one, powers of ten for what is tiny, separators for the large.

    >>> number(0.9312), number(12345), number(3e-7), number(None)
    ('0.931', '12,345', '3.0 × 10⁻⁷', 'n/a')
    """
    if value is None or not math.isfinite(value):
        return "n/a"
    if float(value).is_integer() and abs(value) < 1e12:
        return f"{int(value):,}".replace("-", "−")
    size = abs(value)
    if size < 1e-3 or size >= 1e9:
        mantissa, exponent = f"{value:.1e}".split("e")
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa} × 10{raised}".replace("-", "−")
    digits = 3 if size < 10 else 1 if size < 1000 else 0
    return f"{value:,.{digits}f}".replace("-", "−")


def estimate(metric: dict) -> str:
    """Value of a metric; an estimate keeps its three digits, so that a sensitivity of 1 reads 1.000."""
    value = metric["value"]
    if metric["kind"] == "estimate" and value is not None and abs(value) < 10:
        return f"{value:.3f}".replace("-", "−")
    return number(value)


def interval(metric: dict) -> str:
    """Bounds of a metric's interval, empty where it has none."""
    if metric.get("low") is None or metric.get("high") is None:
        return ""
    # Bounds are written with the same number of digits, so that 1 stands as 1.000 beside 0.931.
    digits = 3 if abs(metric["high"]) < 10 else 1
    low, high = (f"{metric[bound]:.{digits}f}".replace("-", "−") for bound in ("low", "high"))
    return f"{low} to {high}"
