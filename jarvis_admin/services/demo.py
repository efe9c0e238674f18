"""The demo fleet: its history goes through the same services as real transitions."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.domain import guest
from jarvis_admin.domain.pricing import Size
from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.codec import decode, encode
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.types import Machine as FlyMachine
from jarvis_admin.models import Plan, User, Workspace
from jarvis_admin.services import (
    demo_backups,
    demo_budgets,
    demo_prices,
    demo_quotas,
    demo_usage,
    demo_work,
    metering,
    observations,
    prices,
    provisioning,
    staff,
)
from jarvis_admin.services.demo_history import history
from jarvis_admin.services.demo_people import PEOPLE, PLANS, STAFF, Person
from jarvis_admin.services.operations import Enqueue

_EVENTS_FLY_KEEPS = 20
# Whole companies among the users; the free plan's are on their own.
_GROUPS = {"fra": "northwind", "lhr": "northwind", "iad": "acme", "nrt": "acme", "pro": "makers"}


@dataclass(frozen=True)
class SignIn:
    role: str
    email: str
    password: str


def seed(
    session: Session, settings: Settings, fly: FlyClient, now: datetime, enqueue: Enqueue
) -> list[SignIn]:
    """Rows, history, and the same machines at Local Fly; all or nothing with the commit.

    A few backups are asked for as anybody would: the worker takes them when it starts.
    """
    made = list(add_people(session, settings, add_plans(session), now))
    _cut_at_midnight(session, now)
    sign_ins = add_staff(session, now)
    demo_usage.add(session, now)
    demo_prices.add(session, now)
    demo_work.add(session, now)
    demo_budgets.add(session, now)
    demo_backups.add(session, now)
    demo_work.ask_backups(session, now, enqueue)
    demo_quotas.add(session, now)
    LocalExtras(fly).import_fleet(
        apps=[one["app"] for one in made],
        volumes=[one["volume"] for one in made],
        machines=[one["machine"] for one in made],
    )
    return sign_ins


def _cut_at_midnight(session: Session, now: datetime) -> None:
    """What is open since weeks has closed days, as a worker would have left them."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    books = prices.load(session)
    while metering.cut_open(session, midnight, books):
        pass


def is_seeded(session: Session) -> bool:
    return session.scalar(select(User.id).limit(1)) is not None


def add_staff(session: Session, now: datetime) -> list[SignIn]:
    """One person a role, each with a new password; it is shown here and nowhere again."""
    made = []
    for role, email, name in STAFF:
        password = secrets.token_urlsafe(12)
        staff.add(session, email, name, password, [role], now)
        made.append(SignIn(role, email, password))
    return made


def add_plans(session: Session) -> dict[str, Plan]:
    names = (
        "key",
        "name",
        "size",
        "volume_gb",
        "idle_policy",
        "snapshot_retention_days",
        "price_month_nano",
    )
    plans = {row[0]: Plan(**dict(zip(names, row, strict=True))) for row in PLANS}
    session.add_all(plans.values())
    session.flush()
    return plans


def add_people(
    session: Session, settings: Settings, plans: dict[str, Plan], now: datetime
) -> Iterator[dict[str, Any]]:
    """One user at a time: rows and history here, and what Local Fly is to be told of it."""
    for person in PEOPLE:
        yield _add_person(session, settings, plans[person.plan], person, now)


def _add_person(
    session: Session, settings: Settings, plan: Plan, person: Person, now: datetime
) -> dict[str, Any]:
    told = history(person, Size.parse(plan.size).memory_mb, now)
    born = datetime.fromtimestamp(told.events[0]["timestamp"] / 1000, now.tzinfo)
    user = User(
        handle=person.handle,
        name=person.name,
        email=f"{person.handle}@example.com",
        plan=plan,
        region=person.region,
        user_group=_GROUPS.get(person.region if person.plan == "team" else person.plan, ""),
        created_at=born,
    )
    session.add(user)
    workspace = provisioning.draft_workspace(session, user, settings, born)
    machine = _machine(settings, workspace, plan, person, told.events)
    provisioning.placed(
        session,
        workspace.id,
        machine["id"],
        machine["config"]["mounts"][0]["volume"],
        person.region,
    )
    seen = decode(encode(machine), FlyMachine)
    observations.record_machine(
        session, workspace.id, seen, rootfs_mb=settings.guest_rootfs_mb, now=now
    )
    return {
        "app": {"name": workspace.app_name, "network": workspace.app_name},
        "volume": _volume(workspace, plan, person, machine),
        "machine": {**machine, "app_name": workspace.app_name, "events": _kept(machine)},
    }


def _machine(
    settings: Settings,
    workspace: Workspace,
    plan: Plan,
    person: Person,
    events: list[dict[str, Any]],
) -> dict[str, Any]:
    """As the Machines API would show it, with every event it ever had."""
    rng = random.Random(f"{person.handle}-ids")  # noqa: S311 (ids, not secrets)
    config = guest.machine_config(
        image=settings.guest_image,
        size=Size.parse(plan.size),
        volume_id="vol_" + "".join(rng.choices("abcdefghijkmnpqrstuvwxyz0123456789", k=16)),
        idle_policy=plan.idle_policy,
        handle=person.handle,
        mark=guest.Mark(settings.fleet, settings.environment),
    )
    return {
        "id": "".join(rng.choices("0123456789abcdef", k=14)),
        "name": guest.MACHINE_NAME,
        "state": events[-1]["status"],
        "region": person.region,
        "instance_id": events[0]["id"],
        "created_at": _instant(events[0]["timestamp"]),
        "updated_at": _instant(events[-1]["timestamp"]),
        "config": config,
        "events": events,
    }


def _volume(
    workspace: Workspace, plan: Plan, person: Person, machine: dict[str, Any]
) -> dict[str, Any]:
    return {
        "app_name": workspace.app_name,
        "id": machine["config"]["mounts"][0]["volume"],
        "name": guest.VOLUME_NAME,
        "region": person.region,
        "size_gb": plan.volume_gb,
        "state": "created",
        "created_at": machine["created_at"],
        "snapshot_retention": plan.snapshot_retention_days,
    }


def _kept(machine: dict[str, Any]) -> list[dict[str, Any]]:
    newest_first: list[dict[str, Any]] = machine["events"][::-1]
    return newest_first[:_EVENTS_FLY_KEEPS]


def _instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat().replace("+00:00", "Z")
