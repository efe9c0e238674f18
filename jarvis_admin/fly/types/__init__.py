"""What Fly tells us, as frozen values; a module a noun."""

from jarvis_admin.fly.types.app import App, IpAssignment, Network, Organization, Secret
from jarvis_admin.fly.types.config import Guest, MachineConfig, Mount
from jarvis_admin.fly.types.event import Event, Exit
from jarvis_admin.fly.types.machine import (
    Check,
    ExecResult,
    ImageRef,
    Lease,
    Machine,
    MachineVersion,
    OrgConfig,
    OrgMachine,
    Reached,
    Started,
)
from jarvis_admin.fly.types.page import MachinePage, Page, VolumePage
from jarvis_admin.fly.types.platform import Placement, Region, Token
from jarvis_admin.fly.types.series import Point, Series, VolumeUse
from jarvis_admin.fly.types.volume import Extended, Snapshot, Volume

__all__ = [
    "App",
    "Check",
    "Event",
    "ExecResult",
    "Exit",
    "Extended",
    "Guest",
    "ImageRef",
    "IpAssignment",
    "Lease",
    "Machine",
    "MachineConfig",
    "MachinePage",
    "MachineVersion",
    "Mount",
    "Network",
    "OrgConfig",
    "OrgMachine",
    "Organization",
    "Page",
    "Placement",
    "Point",
    "Reached",
    "Region",
    "Secret",
    "Series",
    "Snapshot",
    "Started",
    "Token",
    "Volume",
    "VolumePage",
    "VolumeUse",
]
