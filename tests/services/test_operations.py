"""Asking for an operation: recorded, audited and enqueued together, one at a time."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.lifecycle import OperationKind, OperationState
from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.jobs import engine as jobs
from jarvis_admin.models import AuditEntry, Fleet, Operation
from jarvis_admin.services import operations
from tests.factories import NOON, make_plan, make_user, make_workspace


class Queue:
    """Collects what would be enqueued."""

    def __init__(self) -> None:
        self.put: list[str] = []

    def __call__(self, _session: Session, operation: Operation) -> None:
        self.put.append(operation.id)


def ask(session: Session, workspace, kind=OperationKind.SUSPEND, queue=None, **given) -> Operation:
    given = {"asked_by": "Jonas Brandt", "now": NOON, **given}
    return operations.request_operation(session, workspace, kind, enqueue=queue or Queue(), **given)


def test_a_request_is_recorded_audited_and_enqueued(sessions: Sessions) -> None:
    queue = Queue()
    with sessions.begin() as session:
        workspace = make_workspace(session, handle="alice")
        operation = ask(session, workspace, queue=queue, reason="case 4127")

    assert queue.put == [operation.id]
    assert workspace.desired_state == "suspended"
    with sessions() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject, entry.actor) == ("suspend", "alice", "Jonas Brandt")
        assert entry.operation_id == operation.id
        assert session.scalars(select(Fleet.revision)).one() > 0


def test_nothing_is_left_of_a_request_that_is_rolled_back(engine, sessions: Sessions) -> None:
    enqueue = jobs.submitter(engine)
    with sessions.begin() as session:
        workspace_id = make_workspace(session).id

    with sessions() as session:
        workspace = session.get_one(operations.Workspace, workspace_id)
        ask(session, workspace, queue=enqueue)
        session.rollback()

    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Operation)) == 0
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_a_second_operation_is_refused_and_says_whose_is_under_way(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session, handle="alice")
        ask(session, workspace)

        with pytest.raises(Conflict, match=r"alice has a suspend under way, asked by Jonas Brandt"):
            ask(session, workspace, OperationKind.BACKUP)


def test_the_same_key_is_the_same_operation(sessions: Sessions) -> None:
    queue = Queue()
    with sessions.begin() as session:
        workspace = make_workspace(session)
        first = ask(session, workspace, queue=queue, key="form-1")
        again = ask(session, workspace, queue=queue, key="form-1")

    assert again is first
    assert queue.put == [first.id]


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("suspended", OperationKind.SUSPEND, "suspend"),
        ("started", OperationKind.START, "wake"),
        ("starting", OperationKind.STOP, "stop"),
        ("provisioning", OperationKind.BACKUP, "back up"),
        ("destroyed", OperationKind.DESTROY, "destroy"),
    ],
)
def test_a_state_that_forbids_it_is_named(
    sessions: Sessions, state: str, kind: OperationKind, said: str
) -> None:
    with sessions.begin() as session:
        ended = NOON if state == "destroyed" else None
        workspace = make_workspace(session, state=state, destroyed_at=ended)

        with pytest.raises(Conflict, match=f"is {state}: cannot {said} it"):
            ask(session, workspace, kind)


def test_a_machine_too_large_to_suspend_is_refused_with_the_limit(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user = make_user(session, plan=make_plan(session, size="shared-cpu-4x:4096MB"))
        workspace = make_workspace(session, user=user)

        with pytest.raises(Conflict, match="above 2048 MB"):
            ask(session, workspace)


def test_the_database_refuses_a_second_active_operation(sessions: Sessions) -> None:
    """The race that the first look cannot see: two requests at the same instant."""
    with sessions.begin() as session:
        workspace = make_workspace(session)
        rival = Operation(
            id="rival",
            workspace=workspace,
            kind="stop",
            state="queued",
            asked_by="Marta Keller",
            created_at=NOON,
        )
        session.add(rival)
        session.flush()
        late = Operation(
            id="late",
            workspace_id=workspace.id,
            kind="suspend",
            state="queued",
            asked_by="Jonas Brandt",
            created_at=NOON,
        )

        with pytest.raises(Conflict, match="asked by Marta Keller"):
            operations._insert(session, workspace, late)


def test_cancel_asks_the_worker_and_is_audited(sessions: Sessions) -> None:
    with sessions.begin() as session:
        operation = ask(session, make_workspace(session))
        operations.request_cancel(session, operation, asked_by="Marta Keller", now=NOON)

    assert operation.cancel_requested
    with sessions() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["suspend", "cancel"]


def test_a_finished_operation_cannot_be_cancelled(sessions: Sessions) -> None:
    with sessions.begin() as session:
        operation = ask(session, make_workspace(session))
        operation.state = OperationState.DONE

        with pytest.raises(Conflict, match="is done already"):
            operations.request_cancel(session, operation, asked_by="Marta Keller", now=NOON)


def test_it_is_too_late_to_cancel_what_fly_was_asked_for_good(sessions: Sessions) -> None:
    with sessions.begin() as session:
        operation = ask(session, make_workspace(session))
        operation.cancellable = False

        with pytest.raises(Conflict, match="Too late to cancel"):
            operations.request_cancel(session, operation, asked_by="Marta Keller", now=NOON)


def test_an_unknown_operation_is_not_found(sessions: Sessions) -> None:
    with sessions() as session, pytest.raises(NotFound):
        operations.get_operation(session, "no-such")
