"""How times read on the screen: an age with one unit, the exact instant in the title."""

from datetime import UTC, date, datetime, timedelta

from flask import Flask

from jarvis_admin.domain.written_money import signed

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def init_app(app: Flask) -> None:
    app.add_template_filter(age)
    app.add_template_filter(exact)
    app.add_template_filter(span)
    app.add_template_filter(day)
    app.add_template_filter(clock)
    app.add_template_filter(size)
    app.add_template_filter(signed, "usd")
    app.jinja_env.globals["settings"] = app.extensions["settings"]


def age(since: datetime, now: datetime) -> str:
    """One unit: 9 s, 41 min, 5 h, 12 d."""
    return seconds((now - since).total_seconds())


def seconds(count: float) -> str:
    whole = max(int(count), 0)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h"
    return f"{whole // _DAY} d"


def span(length: timedelta) -> str:
    """Two units: 1 min 29 s, 5 h 03 min, 12 d 4 h; below ten seconds with a tenth."""
    total = max(length.total_seconds(), 0.0)
    if total < 10:
        return f"{total:.1f} s"
    whole = int(total)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def exact(instant: datetime) -> str:
    return instant.isoformat(" ", "seconds")[:19] + " UTC"


def clock(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%H:%M")


def size(count: int) -> str:
    """Bytes in the largest unit that leaves a whole digit: 412 B, 3.2 kB, 1.94 GB."""
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            return f"{count / 10**power:,.2f} {unit}"
    return f"{count} B"


def day(value: date, today: date | None = None) -> str:
    """19 August, with the year when it is not today's."""
    same_year = today is None or value.year == today.year
    return f"{value.day} {value:%B}" if same_year else f"{value.day} {value:%B %Y}"
