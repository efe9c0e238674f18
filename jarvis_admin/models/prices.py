"""Dated price books."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class PriceBookVersion(Base):
    __tablename__ = "price_books"

    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    effective_from: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(500), default="")
    made_by: Mapped[str] = mapped_column(String(120), default="")
