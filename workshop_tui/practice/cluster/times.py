"""Times as Kubernetes writes them: RFC 3339, whole seconds, `Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def time_text(moment: datetime, *, plus_seconds: float = 0) -> str:
    """Return the moment as text."""
    later = moment.astimezone(UTC) + timedelta(seconds=plus_seconds)
    return later.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """Read a time, with or without fractions of a second."""
    return datetime.fromisoformat(text)


def short_duration(span: timedelta) -> str:
    """Return an age as kubectl shows it: `42s`, `3m3s`, `5h2m`, `3d4h`, `200d`."""
    seconds = max(0, int(span.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:  # noqa: PLR2004 - the steps of k8s.io/apimachinery duration.HumanDuration
        return f"{seconds}s"
    for limit, whole, big, small, rest in (
        (600, minutes, "m", "s", seconds % 60),
        (3 * 3600, minutes, "m", "", 0),
        (8 * 3600, hours, "h", "m", minutes % 60),
        (48 * 3600, hours, "h", "", 0),
        (8 * 86400, days, "d", "h", hours % 24),
        (2 * 365 * 86400, days, "d", "", 0),
        (8 * 365 * 86400, days // 365, "y", "d", days % 365),
    ):
        if seconds < limit:
            return f"{whole}{big}" + (f"{rest}{small}" if rest else "")
    return f"{days // 365}y"
