"""What a clock on the wall shows, across the changes of summer time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def at_clock(naive: datetime, zone: str, like: datetime) -> datetime:
    """The moment at which a clock in `zone` shows `naive`, in the zone of `like` (UTC).

    A time that a spring gap skips becomes the first moment after the gap; of a repeated hour, the first.
    """
    tz = ZoneInfo(zone)
    moment = naive.replace(tzinfo=tz, fold=0).astimezone(like.tzinfo)
    if moment.astimezone(tz).replace(tzinfo=None) == naive:
        return moment
    return _end_of_gap(naive.replace(tzinfo=tz, fold=1).astimezone(like.tzinfo), moment, tz)


def _end_of_gap(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The transition between the two moments: halve until the minute is found at which the offset changes."""
    winter = low.astimezone(tz).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(tz).utcoffset() == winter else (low, middle)
    return high.replace(second=0, microsecond=0)
