"""When a FHIR Observation was made (R4, effective[x]), and which of two times is the later one.

FHIR writes a time as a text of any precision: 2024, 2024-01, 2024-01-31 or 2024-01-31T09:30:00+01:00. As texts they cannot be
compared, because midnight is not everywhere at once; as instants they can.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from helpers.runtime import InputError

PARTS_OF_A_DATE = {4: "-01-01", 7: "-01"}  # what a year and a month lack


def time_of(place: str, resource: Mapping) -> str:
    """When the blood was taken, as written; empty where the resource does not say, or says it as a repeated timing.

    Args:
        place: of the entry, for the message.
        resource: an Observation; of a period the end counts, else its start.

    Raises:
        InputError: what stands there is no time.
    """
    period = resource.get("effectivePeriod") or {}
    if not isinstance(period, dict):
        raise InputError(f"{place}: effectivePeriod is no period")
    said = (resource.get("effectiveDateTime"), resource.get("effectiveInstant"), period.get("end"), period.get("start"))
    time = next((one for one in said if one is not None), "")
    if not isinstance(time, str):
        raise InputError(f"{place}: the time of the Observation is no text (effective…)")
    instant(place, time)
    return time


def instant(place: str, time: str) -> datetime:
    """A FHIR dateTime in UTC; the beginning of all times for an empty text.

    A date without a clock is taken from its first moment, in UTC.

    Raises:
        InputError: no such time, or a clock without a time zone: the message begins with ``place`` and repeats no value.
    """
    if not time:
        return datetime.min.replace(tzinfo=UTC)
    try:
        read = datetime.fromisoformat(time + PARTS_OF_A_DATE.get(len(time), ""))
        if read.tzinfo is None:
            if "T" in time:
                raise ValueError("an hour somewhere on earth")
            read = read.replace(tzinfo=UTC)
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{place}: the time of the Observation is no date like 2024-01-31 and no time like 2024-01-31T09:30:00+01:00"
        ) from None
