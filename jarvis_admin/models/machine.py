"""A Fly machine as last observed, and each change of its state that Fly told us."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey


class Machine(Base):
    __tablename__ = "machines"
    __table_args__ = (
        Index(
            "ix_machines_unread", "id", sqlite_where=text("unread"), postgresql_where=text("unread")
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # Fly's own id
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), index=True)
    name: Mapped[str] = mapped_column(String(63))
    state: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(8))
    size: Mapped[str] = mapped_column(String(40))
    image: Mapped[str] = mapped_column(String(255))
    instance_id: Mapped[str] = mapped_column(String(40))  # Fly's version of its config
    rootfs_mb: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]  # Fly's; the sync loop compares it
    seen_at: Mapped[datetime]
    unread: Mapped[bool] = mapped_column(default=False)  # Fly has events we have not read yet

    def __repr__(self) -> str:
        return f"<Machine {self.id} {self.state}>"


class Transition(Base):
    """One change of state with the instant it happened; append-only, the base of money."""

    __tablename__ = "transitions"
    __table_args__ = (
        # An event that is read twice is recorded once.
        UniqueConstraint("machine_id", "event_id"),
        Index("ix_transitions_workspace_at", "workspace_id", "at"),
        Index("ix_transitions_machine_at", "machine_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    machine_id: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))  # Fly's event type: launch, start, exit …
    state: Mapped[str] = mapped_column(String(16))
    size: Mapped[str] = mapped_column(String(40))  # what the new state is billed with
    region: Mapped[str] = mapped_column(String(8))
    rootfs_mb: Mapped[int]  # of its image, which a sleeping machine pays for
    source: Mapped[str] = mapped_column(String(16))  # user, proxy, flyd; ours: "seen"
    detail: Mapped[str] = mapped_column(Text, default="")
    estimated: Mapped[bool] = mapped_column(default=False)  # the instant is a bound, not Fly's
