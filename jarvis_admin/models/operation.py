"""One durable piece of work on one workspace, and its steps: what the pages read.

The engine (jobs/engine.py) carries operations out; these rows are the record. `state`, `error`
and the steps are written by the worker alone, `cancel_requested` by the console alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION
from jarvis_admin.models.base import Base
from jarvis_admin.models.workspace import Workspace

# What works on copies alone (lifecycle.BESIDE) keeps nobody from the workspace.
_ACTIVE = text("state IN ('queued', 'running') AND kind NOT IN ('drill', 'scratch', 'end_scratch')")


class Operation(Base):
    __tablename__ = "operations"
    __table_args__ = (
        # One operation per workspace at a time; a second click meets this, not a race.
        Index(
            "uq_operations_active",
            "workspace_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index("ix_operations_created", "created_at", "id"),
        Index("ix_operations_state_created", "state", "created_at", "id"),
        Index("ix_operations_workspace_created", "workspace_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[str] = mapped_column(String(120))  # a staff member's name, or "system"
    reason: Mapped[str] = mapped_column(String(500), default="")
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # never a secret
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    cancellable: Mapped[bool] = mapped_column(default=True)  # until Fly has been asked for good
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    workspace: Mapped[Workspace] = relationship()
    steps: Mapped[list["OperationStep"]] = relationship(order_by="OperationStep.position")

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_OPERATION

    def __repr__(self) -> str:
        return f"<Operation {self.id} {self.kind} {self.state}>"


class OperationStep(Base):
    __tablename__ = "operation_steps"

    operation_id: Mapped[str] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")  # last refusal, while it is tried
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
