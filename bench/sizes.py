"""How large a run is: the fleets it makes and the requests it counts."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sizes:
    small: int  # workspaces of the small fleet
    large: int  # workspaces of the large one
    days: tuple[int, int]  # of roll-ups: with few users, with many
    users: tuple[int, int]  # few, many
    ledger_days: tuple[int, int]  # of ledgers by the second: of few users, of many
    machines: int  # in one reconcile
    intervals: int  # rolled up one by one, and again in batches
    archive_megabytes: int
    archive_files: int
    round_trip_megabytes: int  # by hand alone
    round_trip_files: int
    rounds: int
    requests: int  # a round and target
    walkers: int  # requests of the memory's load
    workers: int = 2  # of a server, as in production


FULL = Sizes(
    small=1_000,
    large=100_000,
    days=(90, 365),
    users=(1_000, 10_000),
    ledger_days=(90, 365),
    machines=10_000,
    intervals=2_000,
    archive_megabytes=1_000,
    archive_files=100_000,
    round_trip_megabytes=2_000,
    round_trip_files=100_000,
    rounds=10,
    requests=30,
    walkers=2_000,
)
QUICK = Sizes(
    small=1_000,
    large=10_000,
    days=(90, 365),
    users=(1_000, 5_000),
    ledger_days=(60, 120),
    machines=5_000,
    intervals=500,
    archive_megabytes=200,
    archive_files=20_000,
    round_trip_megabytes=500,
    round_trip_files=20_000,
    rounds=5,
    requests=20,
    walkers=400,
)
TINY = Sizes(
    small=600,
    large=1_200,
    days=(3, 6),
    users=(600, 1_200),
    ledger_days=(2, 4),
    machines=200,
    intervals=20,
    archive_megabytes=4,
    archive_files=300,
    round_trip_megabytes=4,
    round_trip_files=300,
    rounds=2,
    requests=3,
    walkers=16,
    workers=1,
)
