"""Archives: our own copies of volumes outside of Fly, and the users' keys that open them."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base

_MAKING = text("state = 'making'")
_CURRENT = text("retired_at IS NULL")


class UserKey(Base):
    """A user's key, wrapped by the master key; a retired one still opens what it closed."""

    __tablename__ = "user_keys"
    __table_args__ = (
        Index(
            "uq_user_keys_current",
            "user_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        Index("ix_user_keys_master", "master_check"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    wrapped: Mapped[str] = mapped_column(String(128))  # base64
    check: Mapped[str] = mapped_column(String(16))  # tells a key from another, and nothing of it
    master_check: Mapped[str] = mapped_column(String(16))  # of the master key that wrapped it
    created_at: Mapped[datetime]
    wrapped_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"<UserKey {self.id} {self.check}>"


class Archive(Base):
    """`state` runs making, stored, or failed; `gone_at` says that its objects were deleted.

    While they are being deleted it is going: nothing new may use it from then on.
    """

    __tablename__ = "archives"
    __table_args__ = (
        # One at a time: a step that runs again finds its own row.
        Index(
            "uq_archives_making",
            "workspace_id",
            unique=True,
            sqlite_where=_MAKING,
            postgresql_where=_MAKING,
        ),
        Index("ix_archives_workspace_started", "workspace_id", "started_at"),
        Index("ix_archives_state_verified", "state", "verified_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("user_keys.id"))
    state: Mapped[str] = mapped_column(String(8))
    folder: Mapped[str] = mapped_column(String(200))  # of its objects in the store
    base_id: Mapped[str | None] = mapped_column(String(32))  # the archive it was compared with
    generation: Mapped[int] = mapped_column(default=0)  # how many archives it builds upon
    needs: Mapped[list[str]] = mapped_column(JSON, default=list)  # archives whose packs it uses
    snapshot_id: Mapped[str] = mapped_column(String(64), default="")
    snapshot_at: Mapped[datetime | None]  # the moment it shows
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    entries: Mapped[int] = mapped_column(BigInteger, default=0)
    files: Mapped[int] = mapped_column(BigInteger, default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # of all files, as the user sees them
    reused_bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # not uploaded again
    stored_bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # that it added to the store
    packs: Mapped[int] = mapped_column(default=0)
    manifest_sha256: Mapped[str] = mapped_column(String(64), default="")
    verified_at: Mapped[datetime | None]  # every byte read back and compared
    proven_at: Mapped[datetime | None]  # restored into a machine that answered
    drilled_at: Mapped[datetime | None]  # last tried, whatever came of it
    drill_error: Mapped[str] = mapped_column(String(500), default="")  # of the last try
    # Kept whatever the policy says, until somebody takes it back.
    protected_at: Mapped[datetime | None]
    protected_by: Mapped[str] = mapped_column(String(120), default="")
    protected_why: Mapped[str] = mapped_column(String(500), default="")
    error: Mapped[str] = mapped_column(String(500), default="")

    def __repr__(self) -> str:
        return f"<Archive {self.id} {self.state}>"
