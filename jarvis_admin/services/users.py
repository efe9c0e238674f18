"""End users: signing one up."""

import re
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Operation, Plan, User
from jarvis_admin.services import operations, provisioning
from jarvis_admin.services.operations import Enqueue

# A label of a host name; a handle is a subdomain.
_HANDLE = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def sign_up(
    session: Session,
    settings: Settings,
    *,
    handle: str,
    name: str,
    email: str,
    plan_key: str,
    region: str,
    asked_by: str,
    now: datetime,
    enqueue: Enqueue,
) -> Operation:
    """The user, their workspace's row and the provisioning that was asked for."""
    if not _HANDLE.fullmatch(handle):
        raise Invalid(
            f"“{handle[:63]}” cannot be a subdomain: use a-z, 0-9 and dashes, at most 40."
        )
    if region not in REGIONS:
        raise Invalid(f"Fly has no region “{region[:8]}”. It has {', '.join(REGIONS)}.")
    plan = session.scalars(select(Plan).where(Plan.key == plan_key)).one_or_none()
    if plan is None:
        raise Invalid(f"There is no plan “{plan_key[:32]}”.")
    if session.scalar(select(User.id).where(or_(User.handle == handle, User.email == email))):
        raise Conflict(f"{handle} or {email} is a user already.")
    user = User(handle=handle, name=name, email=email, plan=plan, region=region, created_at=now)
    session.add(user)
    workspace = provisioning.draft_workspace(session, user, settings, now)
    return operations.request_operation(
        session,
        workspace,
        OperationKind.PROVISION,
        asked_by=asked_by,
        now=now,
        enqueue=enqueue,
    )
