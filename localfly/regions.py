"""Fly's regions, and the expressions that choose among them."""

import hashlib
from dataclasses import dataclass

from localfly.errors import bad_request


@dataclass(frozen=True)
class Region:
    code: str
    name: str
    latitude: float
    longitude: float
    geo_region: str
    gateway_available: bool = True
    requires_paid_plan: bool = False
    deprecated: bool = False
    mpg_available: bool | None = None


REGIONS = {
    region.code: region
    for region in (
        Region("ams", "Amsterdam, Netherlands", 52.37, 4.90, "europe"),
        Region("arn", "Stockholm, Sweden", 59.33, 18.07, "europe"),
        Region("bom", "Mumbai, India", 19.08, 72.88, "asia_pacific"),
        Region("cdg", "Paris, France", 48.86, 2.35, "europe"),
        Region("dfw", "Dallas, Texas (US)", 32.78, -96.80, "north_america"),
        Region("ewr", "Secaucus, NJ (US)", 40.79, -74.06, "north_america"),
        Region("fra", "Frankfurt, Germany", 50.11, 8.68, "europe"),
        Region("gru", "Sao Paulo, Brazil", -23.55, -46.63, "south_america", False),
        Region("iad", "Ashburn, Virginia (US)", 39.04, -77.49, "north_america"),
        Region("jnb", "Johannesburg, South Africa", -26.20, 28.05, "africa", False),
        Region("lax", "Los Angeles, California (US)", 34.05, -118.24, "north_america"),
        Region("lhr", "London, United Kingdom", 51.51, -0.13, "europe"),
        Region("nrt", "Tokyo, Japan", 35.68, 139.69, "asia_pacific"),
        Region("ord", "Chicago, Illinois (US)", 41.88, -87.63, "north_america"),
        Region("sin", "Singapore, Singapore", 1.35, 103.82, "asia_pacific"),
        Region("sjc", "San Jose, California (US)", 37.34, -121.89, "north_america"),
        Region("syd", "Sydney, Australia", -33.87, 151.21, "asia_pacific"),
        Region("yyz", "Toronto, Canada", 43.65, -79.38, "north_america"),
    )
}
NEAREST = "iad"
HOSTS = 64  # of each region

_ALIASES = {
    "apac": ["sin", "nrt", "syd", "bom"],
    "eu": ["fra", "ams", "cdg", "lhr", "arn"],
    "na": ["iad", "ewr", "ord", "dfw", "yyz", "lax", "sjc"],
    "sa": ["gru"],
    "us": ["iad", "ewr", "ord", "dfw", "lax", "sjc"],
    "usa": ["iad", "ewr", "ord", "dfw", "lax", "sjc"],
    "any": [NEAREST, *(code for code in REGIONS if code != NEAREST)],
}


def candidates(expression: str) -> list[str]:
    """The regions that "iad,eu" means, in order of preference, each once."""
    found: list[str] = []
    for word in (expression or NEAREST).split(","):
        codes = _ALIASES.get(word.strip(), [word.strip()])
        if codes[0] not in REGIONS:
            raise bad_request(f"region {word.strip()} not found")
        found += [code for code in codes if code not in found]
    return found


def zones(region: str, count: int) -> list[str]:
    """The hosts of a region, always the same ones."""
    return [hashlib.sha256(f"{region} {n}".encode()).hexdigest()[:4] for n in range(count)]
