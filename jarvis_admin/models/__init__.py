"""The tables; a module a noun. Importing this package registers them all."""

from jarvis_admin.models.activity import Activity, FleetIdle, IdleDay
from jarvis_admin.models.alert import Alert, Channel, Delivery
from jarvis_admin.models.archive import Archive, UserKey
from jarvis_admin.models.audit import AuditEntry, AuditHead
from jarvis_admin.models.backup_policy import BackupPolicy
from jarvis_admin.models.backup_standing import BackupStanding
from jarvis_admin.models.base import Base
from jarvis_admin.models.budget import Budget, UnusualRule
from jarvis_admin.models.drill import Drill
from jarvis_admin.models.fleet import Fleet, FleetBurn, FleetCount, LoopLease, WorkerBeat
from jarvis_admin.models.invoice import Invoice, InvoiceLine
from jarvis_admin.models.ledger import CounterReading, LedgerEntry
from jarvis_admin.models.machine import Machine, Transition
from jarvis_admin.models.operation import Operation, OperationStep
from jarvis_admin.models.plan import Plan
from jarvis_admin.models.prices import PriceBookVersion
from jarvis_admin.models.quota import Brake, BrakeEvent, Exemption, Grant, QuotaLimit
from jarvis_admin.models.reservation import Reservation
from jarvis_admin.models.restore import Restore
from jarvis_admin.models.scenario import Scenario
from jarvis_admin.models.staff import SignInFailure, Staff, StaffSession
from jarvis_admin.models.usage import CostCell, FleetDay, Interval, UsageDay, WorkspaceMonth
from jarvis_admin.models.user import User
from jarvis_admin.models.volume import Snapshot, Volume
from jarvis_admin.models.workspace import SearchTerm, Workspace

__all__ = [
    "Activity",
    "Alert",
    "Archive",
    "AuditEntry",
    "AuditHead",
    "BackupPolicy",
    "BackupStanding",
    "Base",
    "Brake",
    "BrakeEvent",
    "Budget",
    "Channel",
    "CostCell",
    "CounterReading",
    "Delivery",
    "Drill",
    "Exemption",
    "Fleet",
    "FleetBurn",
    "FleetCount",
    "FleetDay",
    "FleetIdle",
    "Grant",
    "IdleDay",
    "Interval",
    "Invoice",
    "InvoiceLine",
    "LedgerEntry",
    "LoopLease",
    "Machine",
    "Operation",
    "OperationStep",
    "Plan",
    "PriceBookVersion",
    "QuotaLimit",
    "Reservation",
    "Restore",
    "Scenario",
    "SearchTerm",
    "SignInFailure",
    "Snapshot",
    "Staff",
    "StaffSession",
    "Transition",
    "UnusualRule",
    "UsageDay",
    "User",
    "UserKey",
    "Volume",
    "WorkerBeat",
    "Workspace",
    "WorkspaceMonth",
]
