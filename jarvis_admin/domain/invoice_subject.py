"""What a line of Fly's invoice is about, read from its words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jarvis_admin.domain.invoice_file import Line
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.regions import REGIONS


class Why(StrEnum):
    """Why an invoice says something else than our users' costs."""

    ORPHAN = "orphan"
    POOL = "pool"
    PARKED = "parked"
    FLEET = "fleet"
    BUILDERS = "builders"
    OTHER_APPS = "other_apps"
    FREE = "free"
    CERTIFICATES = "certificates"
    SUPPORT = "support"
    TAX = "tax"
    CREDITS = "credits"
    STORE = "store"  # archives: the object store has an invoice of its own, unless it is Fly's
    SPREAD = "spread"  # a reservation: paid at once there, spread by the day here
    ROUNDING = "rounding"


@dataclass(frozen=True)
class Subject:
    """`component` empty and `why` None: nothing we know. Empty parts match everything."""

    component: str = ""
    why: Why | None = None
    app: str = ""
    size: str = ""  # Size.slug, or its part before the memory
    regions: frozenset[str] = frozenset()
    extra_memory: bool = False


# The first that matches counts: a snapshot line names its volume, an address line its egress.
_WHY = (
    (re.compile(r"\b(tax|vat|gst)\b"), Why.TAX),
    (re.compile(r"certificate|\bssl\b|\btls\b"), Why.CERTIFICATES),
    (re.compile(r"\bsupport\b"), Why.SUPPORT),
)
_COMPONENTS = (
    (re.compile(r"\bip(v[46])?\b|ip address|static egress"), Component.ADDRESS),
    (re.compile(r"tigris|object stor"), Component.ARCHIVE),
    (re.compile(r"snapshot"), Component.SNAPSHOT),
    (re.compile(r"volume|\bdisk\b"), Component.VOLUME),
    (re.compile(r"root ?fs|root file|stopped machine|suspended machine"), Component.ROOTFS),
    (re.compile(r"egress|bandwidth|data transfer|outbound|traffic"), Component.EGRESS),
    (re.compile(r"reserv"), Component.RESERVATION),
    (re.compile(r"shared|performance|machine|compute|cpu|\bram\b|memory"), Component.COMPUTE),
)
_CREDIT = re.compile(r"credit|promo|discount|refund")
_EXTRA = re.compile(r"(additional|extra) (ram|memory)|\bram\b")
_SIZE = re.compile(
    r"(shared|performance|perf)(?:-cpu)?-(\d{1,3})x(?:-cpu)?(?:[ :@-]+(\d{1,7}) ?([mg]b))?"
)
_CITIES = {region.city.lower(): code for code, region in REGIONS.items()}


def subject_of(line: Line, groups: Mapping[str, frozenset[str]], prefix: str) -> Subject:
    """`groups`: regions by the name of their traffic group; `prefix`: how our apps are named."""
    text = f"{line.description} {line.unit}".lower()
    if line.app.startswith("fly-builder-") or "builder" in text:
        return Subject(why=Why.BUILDERS, app=line.app)
    if line.app and not line.app.startswith(prefix):
        return Subject(why=Why.OTHER_APPS, app=line.app)
    for pattern, why in _WHY:
        if pattern.search(text):
            return Subject(why=why, app=line.app)
    for pattern, component in _COMPONENTS:
        if pattern.search(text):
            return Subject(
                component,
                app=line.app,
                size=_size(text) if component is Component.COMPUTE else "",
                regions=_regions(line, text, groups),
                extra_memory=bool(_EXTRA.search(text)) and not _SIZE.search(text),
            )
    if _CREDIT.search(text):
        return Subject(why=Why.CREDITS, app=line.app)
    return Subject(app=line.app)


def _size(text: str) -> str:
    found = _SIZE.search(text)
    if found is None:
        return ""
    kind = "shared-cpu" if found[1] == "shared" else "performance"
    if found[3] is None:
        return f"{kind}-{found[2]}x"
    memory = int(found[3]) * (1024 if found[4] == "gb" else 1)
    return f"{kind}-{found[2]}x:{memory}MB"


def _regions(line: Line, text: str, groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Of the column, else of the words; several for a traffic group, none: everywhere."""
    for said in (line.region.lower(), text):
        codes = [word for word in re.findall(r"\b[a-z]{3}\b", said) if word in REGIONS]
        codes += [code for city, code in _CITIES.items() if city in said]
        if codes:
            return frozenset(codes[:1])
        for name, regions in groups.items():
            if re.sub(r"[^a-z]+", " ", name) in re.sub(r"[^a-z]+", " ", said):
                return regions
    return frozenset({line.region.lower()}) if line.region else frozenset()
