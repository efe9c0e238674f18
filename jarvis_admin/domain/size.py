"""What a machine is made of, and its name at Fly: `shared-cpu-2x:2048MB`."""

import re
from dataclasses import dataclass
from typing import Self

from jarvis_admin.errors import Invalid

_SLUG = re.compile(r"(shared-cpu|performance)-([1-9][0-9]{0,2})x:([1-9][0-9]{0,6})MB")


@dataclass(frozen=True, order=True)
class Size:
    cpu_kind: str
    cpus: int
    memory_mb: int

    @classmethod
    def parse(cls, slug: str) -> Self:
        """The reverse of `slug`; Invalid for anything else."""
        match = _SLUG.fullmatch(slug)
        if match is None:
            raise Invalid(
                f"{slug[:40]!r} is not a machine size; write it like "
                "shared-cpu-2x:2048MB or performance-1x:2048MB."
            )
        return cls(match[1].removesuffix("-cpu"), int(match[2]), int(match[3]))

    @property
    def slug(self) -> str:
        kind = "shared-cpu" if self.cpu_kind == "shared" else self.cpu_kind
        return f"{kind}-{self.cpus}x:{self.memory_mb}MB"

    @property
    def label(self) -> str:
        """For table cells: `1x 512 MB`, `perf 2x 4 GB`."""
        kind = {"shared": "", "performance": "perf "}.get(self.cpu_kind, f"{self.cpu_kind} ")
        return f"{kind}{self.cpus}x {memory_label(self.memory_mb)}"


def memory_label(megabytes: int) -> str:
    return f"{megabytes / 1024:g} GB" if megabytes >= 1024 else f"{megabytes} MB"
