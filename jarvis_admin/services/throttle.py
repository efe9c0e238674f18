"""How often somebody may fail to sign in: counted in the database, so in all processes together.

At most 5 failures per account and 20 per address in 15 minutes; then a pause, for right passwords
too, or a guess that hits would show.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jarvis_admin.errors import JarvisError
from jarvis_admin.models import SignInFailure

PAUSE = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 20

_NOBODY = "no e-mail"  # leaving it empty is one account, too


class TooManyTries(JarvisError):
    status = 429


def refuse_if_tried_too_often(session: Session, email: str, address: str, now: datetime) -> None:
    for key, most in _keys(email, address).items():
        failures = session.scalar(
            select(func.count())
            .select_from(SignInFailure)
            .where(SignInFailure.key == key, SignInFailure.at > now - PAUSE)
        )
        if failures is not None and failures >= most:
            raise TooManyTries("Too many failed tries. Wait 15 minutes, then sign in again.")


def note_failure(session: Session, email: str, address: str, now: datetime) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - PAUSE))
    session.add_all(SignInFailure(key=key, at=now) for key in _keys(email, address))
    session.flush()


def _keys(email: str, address: str) -> dict[str, int]:
    account = email.strip().lower()[:254] or _NOBODY
    return {f"account {account}": PER_ACCOUNT, f"address {address[:64]}": PER_ADDRESS}
