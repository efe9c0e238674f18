"""What we run for a user: Fly app, network, volume and machine.

The columns from `state` on are the row of the Machines page: written by the sync loop and by
operations, so that a list is one indexed read.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jarvis_admin.models.base import Base, exact_text
from jarvis_admin.models.plan import Plan
from jarvis_admin.models.user import User

_LIVE = text("destroyed_at IS NULL")
_LISTED = (
    "handle",
    "state",
    "region",
    "size",
    "image",
    "last_active_at",
    "month_nano",
    "metered_at",
)


class Workspace(Base):
    __tablename__ = "workspaces"
    __table_args__ = (
        # The database, not the code, keeps a user from having two workspaces.
        Index(
            "uq_workspaces_live_user",
            "user_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        *(
            Index(
                f"ix_workspaces_list_{name}", name, "id", sqlite_where=_LIVE, postgresql_where=_LIVE
            )
            for name in _LISTED
        ),
        Index("ix_workspaces_state_handle", "state", "handle"),
        Index("ix_workspaces_region_handle", "region", "handle"),
        Index("ix_workspaces_plan_handle", "plan_id", "handle"),
        Index(
            "ix_workspaces_problem",
            "state_since",
            sqlite_where=text("problem <> ''"),
            postgresql_where=text("problem <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    app_name: Mapped[str] = mapped_column(exact_text(63), unique=True)
    machine_id: Mapped[str | None] = mapped_column(String(32), unique=True)  # the current one
    volume_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]

    handle: Mapped[str] = mapped_column(exact_text(63))
    state: Mapped[str] = mapped_column(String(16))
    state_since: Mapped[datetime]
    desired_state: Mapped[str | None] = mapped_column(String(16))
    problem: Mapped[str] = mapped_column(String(500), default="")  # why a person is needed
    region: Mapped[str] = mapped_column(String(8))
    size: Mapped[str] = mapped_column(exact_text(40))  # Size.slug
    image: Mapped[str] = mapped_column(exact_text(255))
    volume_gb: Mapped[int]
    last_active_at: Mapped[datetime]
    # Month-to-date cost as of `metered_at`, and what every further second adds.
    month_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    rate_pico: Mapped[int] = mapped_column(BigInteger, default=0)
    metered_at: Mapped[datetime]
    inventoried_at: Mapped[datetime | None]  # when its snapshots and addresses were last listed

    user: Mapped[User | None] = relationship()
    plan: Mapped[Plan] = relationship()

    def __repr__(self) -> str:
        return f"<Workspace {self.app_name} {self.state}>"


class SearchTerm(Base):
    """A word by which a workspace is found; searched by prefix, alike on both databases."""

    __tablename__ = "search_terms"

    term: Mapped[str] = mapped_column(exact_text(120), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, index=True
    )
