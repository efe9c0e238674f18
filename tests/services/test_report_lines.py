"""Who a report's figure is made of: always the same sum as the figure."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.periods import Period, Range
from jarvis_admin.domain.query import parse
from jarvis_admin.models import IdleDay, Workspace
from jarvis_admin.services import report_days, report_lines, report_terms
from jarvis_admin.services.report_terms import Narrowing
from jarvis_admin.services.reports import Group
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web.reporting import HOUR, LAST, book, seed

NOW = datetime.now(UTC).replace(hour=12, minute=34)
WHOLE = Period.of(Range.LAST_MONTH, NOW.date())
DAY = Period(Range.OWN, LAST.first, LAST.first + timedelta(days=1))
SPAN = Period(Range.OWN, LAST.first + timedelta(days=2), LAST.first + timedelta(days=9))
RUNNING = Period(Range.OWN, NOW.date() - timedelta(days=3), NOW.date() + timedelta(days=1))
QUERIES = [
    "",
    "component:compute",
    "-component:volume",
    "owner:user",
    "component:volume owner:user",
    "owner:orphan,parked,pool",
    "owner:fleet",
    "plan:pro",
    "region:fra,iad -plan:free",
    'size:"1 GB"',
    "group:none",
    "component:adjustment",
    "user:user-001,user-004",
]


def seeded(sessions: Sessions) -> Session:
    session = sessions()
    seed(session, 9)
    told = {"component": "volume", "size": "11 GB", "plan": "pro"}
    one = session.query(Workspace).filter_by(handle="user-001").one()
    kept = {**told, "owner": "parked", "resource_id": "vol_kept"}
    make_interval(session, one, LAST.start + 5 * HOUR, HOUR, rate_pico=77_777, **kept)
    pool = make_workspace(session, handle="pool-1", user=None)
    make_interval(session, pool, LAST.start + HOUR, HOUR, owner="pool", **told)
    lost = {**told, "workspace_id": None, "owner": "orphan"}
    make_interval(session, one, LAST.start + 2 * HOUR, HOUR, resource_id="lost", **lost)
    for number, row in enumerate((one, pool)):
        make_interval(session, row, NOW - 30 * HOUR, None, resource_id=f"open-{number}", **told)
    make_interval(session, one, NOW - HOUR, None, resource_id="lost-now", **lost)
    book(session, "fleet", NOW.date() - timedelta(days=1), 4_321)
    session.commit()
    return session


@pytest.mark.parametrize("period", [WHOLE, DAY, SPAN, RUNNING], ids=["month", "day", "span", "now"])
def test_the_lines_of_a_figure_are_the_figure(sessions: Sessions, period: Period):
    with seeded(sessions) as session:
        fields = report_terms.fields(report_terms.plans(session))
        for text in QUERIES:
            narrowing = report_terms.narrowing(session, parse(text, fields), text)
            days = report_days.by_day(session, Group.OWNER, narrowing, period, NOW)

            found = report_lines.lines(session, narrowing, period, NOW)

            assert found.total == sum(days.sums().values()), text
            assert list(found.users.values()) == sorted(found.users.values(), reverse=True)


def test_nobodys_lines_are_listed_one_by_one(sessions: Sessions):
    with seeded(sessions) as session:
        found = report_lines.lines(session, Narrowing(), WHOLE, NOW)

    assert {stray.what for stray in found.strays} == {"lost", "correction"}
    assert [stray.nano for stray in found.strays if stray.owner == "fleet"] == [-1_000_000_001]
    assert {"pool-1", "user-000"} <= found.users.keys()


def test_idle_is_told_by_user(sessions: Sessions):
    with seeded(sessions) as session:
        one = session.query(Workspace).filter_by(handle="user-003").one()
        session.add(IdleDay(workspace_id=one.id, day=LAST.first, micros=1, amount_nano=99))
        session.flush()

        assert report_lines.idle(session, Narrowing(), WHOLE) == {"user-003": 99}
        assert report_lines.idle(session, Narrowing(), SPAN) == {}
