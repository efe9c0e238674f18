"""Who may do what: rights, and which of them each staff role brings."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    SUPPORT = "support"
    FINANCE = "finance"


class Right(StrEnum):
    SIGNED_IN = "signed_in"  # any role: sign out, see the way home
    MACHINES_READ = "machines_read"
    MACHINES_ACT = "machines_act"  # wake, suspend, stop, restart, back up
    MACHINES_DESTROY = "machines_destroy"
    MACHINES_RESTORE = "machines_restore"  # restore, reset, undo, protect a backup
    BACKUPS_READ = "backups_read"  # what is backed up, how well, what is kept
    BACKUPS_EDIT = "backups_edit"  # policies; drills; going on without a proven backup
    FILES_READ = "files_read"  # names and contents of a user's archived files; each is audited
    COSTS_READ = "costs_read"  # of the fleet
    USER_COSTS_READ = "user_costs_read"  # of one user, down to the intervals
    COSTS_EXPORT = "costs_export"
    COSTS_ADJUST = "costs_adjust"  # credits, refunds, corrections, reservations, invoices
    PRICES_EDIT = "prices_edit"
    WHAT_IF = "what_if"  # scenarios; changing a policy by one needs POLICIES_EDIT
    POLICIES_EDIT = "policies_edit"  # what a plan gives: sizes, quotas, idle times
    QUOTAS_READ = "quotas_read"  # of one user: limits, use, why
    QUOTAS_GRANT = "quotas_grant"  # more for a user until a date; lifts a brake
    BUDGETS_READ = "budgets_read"
    BUDGETS_EDIT = "budgets_edit"  # budgets, alert rules, snoozes
    CHANNELS_EDIT = "channels_edit"  # where alerts are sent
    OPERATIONS_READ = "operations_read"
    OPERATIONS_CANCEL = "operations_cancel"
    AUDIT_READ = "audit_read"
    AUDIT_VERIFY = "audit_verify"
    STAFF_MANAGE = "staff_manage"


R = Right

_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.SUPPORT: frozenset(
        {
            R.SIGNED_IN,
            R.MACHINES_READ,
            R.MACHINES_ACT,
            R.MACHINES_RESTORE,
            R.BACKUPS_READ,
            R.FILES_READ,
            R.USER_COSTS_READ,
            R.QUOTAS_READ,
            R.QUOTAS_GRANT,
            R.OPERATIONS_READ,
            R.OPERATIONS_CANCEL,
            R.AUDIT_READ,
        }
    ),
    # Finance changes no machine: it reads, and takes numbers away.
    Role.FINANCE: frozenset(
        {
            R.SIGNED_IN,
            R.MACHINES_READ,
            R.BACKUPS_READ,
            R.COSTS_READ,
            R.USER_COSTS_READ,
            R.COSTS_EXPORT,
            R.COSTS_ADJUST,
            R.PRICES_EDIT,
            R.WHAT_IF,
            R.QUOTAS_READ,
            R.BUDGETS_READ,
            R.BUDGETS_EDIT,
            R.CHANNELS_EDIT,
            R.OPERATIONS_READ,
            R.AUDIT_READ,
        }
    ),
}


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """Everything the roles bring together; an unknown role brings nothing."""
    known = {role.value: rights for role, rights in _RIGHTS.items()}
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))
