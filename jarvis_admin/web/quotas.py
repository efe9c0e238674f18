"""/quotas: who is near or over a limit, and what the plans give; /quotas/<handle>: one user."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.quotas import kinds
from jarvis_admin.domain.quotas.brakes import Level
from jarvis_admin.domain.quotas.kinds import UNITS, Kind
from jarvis_admin.domain.quotas.notices import notice
from jarvis_admin.domain.rights import Right
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid, NotFound
from jarvis_admin.models import Workspace
from jarvis_admin.services import (
    quota_accounts,
    quota_brakes,
    quota_gate,
    quota_grants,
    quota_limits,
    quota_list,
    quota_plans,
    workspaces,
)
from jarvis_admin.services.quota_accounts import Account
from jarvis_admin.services.quota_list import Cursor
from jarvis_admin.web import live, machine_rows, quota_words
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.quota_words import LEVELS, MODES
from jarvis_admin.web.session import db_reader

bp = Blueprint("quotas", __name__, url_prefix="/quotas")

SIZES = (
    "shared-cpu-1x:512MB",
    "shared-cpu-1x:1024MB",
    "shared-cpu-2x:2048MB",
    "shared-cpu-4x:4096MB",
    "performance-1x:2048MB",
    "performance-2x:8192MB",
)


@bp.get("")
@needs(Right.QUOTAS_READ)
def index() -> ResponseReturnValue:
    now = datetime.now(UTC)
    asked = request.args.get("q", "").strip().lower()
    if asked:
        return redirect(url_for(".show", handle=asked[:63]), 303)
    seen = live.read(now)
    if wants_fragment() and seen.unchanged:
        return seen.not_modified()
    context = _list(now) | {"live": seen, "now": now, "here": request.full_path.rstrip("?")}
    if wants_fragment():
        return seen.fragment(render_template("quotas/_list.html", **context))
    return render_template(
        "quotas/index.html",
        kinds=list(Kind),
        units=UNITS,
        plans=[(plan, _written(limits)) for plan, limits in quota_plans.all_of(db_reader())],
        modes={str(mode): words for mode, words in MODES.items()},
        tries=staff().may(Right.WHAT_IF),
        **context,
    )


def _list(now: datetime) -> dict[str, Any]:
    level = _level()
    found = quota_list.page(db_reader(), level, _cursor())
    accounts = quota_accounts.look(db_reader(), [row.workspace_id for row in found.rows], now)
    counts = quota_list.counts(db_reader())
    return {
        "level": level,
        "counters": [_Counter(one, counts.get(one, 0)) for one in Level if one is not Level.NONE],
        "total": sum(count for one, count in counts.items() if one is not Level.NONE),
        "rows": [_row(row, accounts.get(row.workspace_id), now) for row in found.rows],
        "next": _address(level, found.next) if found.next else "",
        "first": _address(level) if "after" in request.args else "",
    }


@bp.get("/<handle>")
@needs(Right.QUOTAS_READ)
def show(handle: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_reader(), handle)
    return user_page(db_reader(), workspace, datetime.now(UTC))


def user_page(
    session: Session,
    workspace: Workspace,
    now: datetime,
    *,
    wrong: str = "",
    form: str = "",
) -> str:
    """`wrong` is why the form named `form` was refused; it keeps what was typed."""
    account = quota_accounts.look_at(session, workspace.id, now)
    if account is None or workspace.user is None:
        raise NotFound(f"{workspace.handle} has no quotas: nobody uses this machine now.")
    brake = quota_brakes.of_workspace(session, workspace.id)
    told = notice(account.standing, now)
    return render_template(
        "quotas/show.html",
        live=live.read(now),
        workspace=workspace,
        handle=workspace.handle,
        now=now,
        standing=account.standing,
        look=LEVELS[account.standing.level if account.standing else Level.NONE],
        bars=quota_words.bars(account, now),
        brake=brake,
        brake_text=quota_words.sentence(brake) if brake and brake.level != Level.NONE else "",
        overshoot=quota_words.overshoot,
        levels=LEVELS,
        told=told,
        grants=quota_grants.grants_of(session, workspace.user),
        exemptions=quota_grants.exemptions_of(session, workspace.user),
        own=quota_limits.of_user(session, workspace.user),
        history=quota_list.history(session, workspace.id),
        answer=_answer(account, now),
        size=request.args.get("size", account.size),
        sizes=[(slug, machine_rows.size_label(slug)) for slug in _sizes(account)],
        kinds=list(Kind),
        units=UNITS,
        written=kinds.written,
        grants_may=staff().may(Right.QUOTAS_GRANT),
        edits=staff().may(Right.POLICIES_EDIT),
        last_day=(Month.of(now).end - timedelta(days=1)).date().isoformat(),
        today=now.date().isoformat(),
        wrong=wrong,
        form=form,
        typed=request.form if form else {},
    )


@dataclass(frozen=True)
class _Counter:
    level: Level
    count: int

    @property
    def word(self) -> str:
        return LEVELS[self.level][1]

    @property
    def note(self) -> str:
        return LEVELS[self.level][2]


def _row(row: Any, account: Account | None, now: datetime) -> dict[str, Any]:
    """Level and history as stored, the amounts live."""
    found = account.standing if account else None
    look, word, _ = LEVELS[Level(row.level)]
    return {
        "id": row.workspace_id,
        "handle": row.handle,
        "plan": row.plan,
        "look": look,
        "word": word,
        "since": row.since,
        "bar": quota_words.bar_of(found, now) if found else None,
        "machine_look": machine_rows.look(row.state, row.problem),
        "machine": machine_rows.word(row.state, row.problem),
        "cordoned": bool(row.cordoned_machine),
        "cordon_note": row.cordon_note,
        "cordon_due": quota_brakes.wants_cordon(row.level, row.state),
        "overshoot": quota_words.overshoot(row.kind, row.overshoot),
        "ends_at": row.ends_at,
    }


def _written(limits: dict[Kind, int | None]) -> list[str]:
    amounts = [(kind, limits.get(kind)) for kind in Kind]
    return ["–" if amount is None else kinds.written(kind, amount) for kind, amount in amounts]


def _answer(account: Account, now: datetime) -> Any:
    """To "can this user start a 4 GB machine now?", if it was asked."""
    if "size" not in request.args:
        return None
    return quota_gate.ask(account, Size.parse(request.args["size"]).memory_mb, now)


def _sizes(account: Account) -> list[str]:
    asked = request.args.get("size", account.size)
    return list(dict.fromkeys((account.size, *SIZES, asked)))


def _level() -> Level | None:
    asked = request.args.get("level", "")
    if asked and asked not in (*Level,):
        raise Invalid(f"There is no level “{asked[:20]}”.")
    return Level(asked) if asked else None


def _cursor() -> Cursor | None:
    if "after" not in request.args:
        return None
    permille, _, number = request.args["after"].partition("~")
    if not (permille + number).isdecimal() or max(len(permille), len(number)) > 15:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return Cursor(int(permille), int(number))


def _address(level: Level | None, cursor: Cursor | None = None) -> str:
    after = f"{cursor.permille}~{cursor.id}" if cursor else None
    return url_for(".index", level=level, after=after)
