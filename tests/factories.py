"""Rows for tests; each takes only what a test is about."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.models import Plan, User, Workspace
from jarvis_admin.services import search

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

_numbers = count(1)


def make_settings(**given: Any) -> Settings:
    return Settings(
        **{
            "secret_key": "for tests only, forty characters and more",
            "database_url": "sqlite://",
            "fly_api_url": "http://127.0.0.1:1",
            "fly_api_token": "test-token",
            "fly_org": "my-jarvis",
            "environment": "test",
            "secure_cookies": False,
            "worker_dead_after": timedelta(seconds=4),
            **given,
        }
    )


def make_plan(session: Session, **given: Any) -> Plan:
    number = next(_numbers)
    plan = Plan(
        **{
            "key": f"plan{number}",
            "name": "Pro",
            "size": "shared-cpu-1x:512MB",
            "volume_gb": 1,
            **given,
        }
    )
    session.add(plan)
    session.flush()
    return plan


def make_user(session: Session, **given: Any) -> User:
    number = next(_numbers)
    handle = given.get("handle", f"user{number}")
    user = User(
        **{
            "handle": handle,
            "name": f"Person {number}",
            "email": f"{handle}@example.com",
            "region": "fra",
            "created_at": NOON,
            **given,
        }
    )
    user.plan = given.get("plan") or make_plan(session)
    session.add(user)
    session.flush()
    return user


def make_workspace(session: Session, **given: Any) -> Workspace:
    """A started one of its own user, unless the test says otherwise."""
    user = given.pop("user", None) or make_user(
        session, handle=given.pop("handle", None) or _name()
    )
    workspace = Workspace(
        **{
            "user": user,
            "plan": user.plan,
            "app_name": f"jv-test-{user.handle}",
            "machine_id": f"m-{user.handle}",
            "volume_id": f"vol_{user.handle}",
            "handle": user.handle,
            "state": "started",
            "state_since": NOON,
            "region": user.region,
            "size": user.plan.size,
            "image": "registry.fly.io/jarvis-workspace:latest",
            "volume_gb": user.plan.volume_gb,
            "created_at": NOON,
            "last_active_at": NOON,
            "metered_at": NOON,
            **given,
        }
    )
    session.add(workspace)
    session.flush()
    search.index(session, workspace, user)
    return workspace


def _name() -> str:
    return f"user{next(_numbers)}"
