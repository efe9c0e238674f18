"""Fly's regions: names for people, what time it is there, and which is near which.

The 18 of August 2026 (platform reference, section n); coordinates are the cities'. A region that
is not listed here still works everywhere: it is shown by its code and has no neighbours.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt


@dataclass(frozen=True)
class Region:
    code: str
    city: str
    latitude: float
    longitude: float
    timezone: str  # IANA


REGIONS = {
    region.code: region
    for region in (
        Region("ams", "Amsterdam", 52.37, 4.90, "Europe/Amsterdam"),
        Region("arn", "Stockholm", 59.33, 18.07, "Europe/Stockholm"),
        Region("bom", "Mumbai", 19.08, 72.88, "Asia/Kolkata"),
        Region("cdg", "Paris", 48.86, 2.35, "Europe/Paris"),
        Region("dfw", "Dallas", 32.78, -96.80, "America/Chicago"),
        Region("ewr", "Secaucus", 40.79, -74.06, "America/New_York"),
        Region("fra", "Frankfurt", 50.11, 8.68, "Europe/Berlin"),
        Region("gru", "São Paulo", -23.55, -46.63, "America/Sao_Paulo"),
        Region("iad", "Ashburn", 39.04, -77.49, "America/New_York"),
        Region("jnb", "Johannesburg", -26.20, 28.05, "Africa/Johannesburg"),
        Region("lax", "Los Angeles", 34.05, -118.24, "America/Los_Angeles"),
        Region("lhr", "London", 51.51, -0.13, "Europe/London"),
        Region("nrt", "Tokyo", 35.68, 139.69, "Asia/Tokyo"),
        Region("ord", "Chicago", 41.88, -87.63, "America/Chicago"),
        Region("sin", "Singapore", 1.35, 103.82, "Asia/Singapore"),
        Region("sjc", "San Jose", 37.34, -121.89, "America/Los_Angeles"),
        Region("syd", "Sydney", -33.87, 151.21, "Australia/Sydney"),
        Region("yyz", "Toronto", 43.65, -79.38, "America/Toronto"),
    )
}


_ANYWHERE = "UTC"


def timezone(code: str) -> str:
    """Where it is this time; UTC for a region that is not listed."""
    return REGIONS[code].timezone if code in REGIONS else _ANYWHERE


def city(code: str) -> str:
    return REGIONS[code].city if code in REGIONS else code


def fallbacks(code: str, count: int = 3) -> list[str]:
    """The region itself and the next nearest ones, in the order to try when Fly has no room."""
    home = REGIONS.get(code)
    if home is None:
        return [code]
    nearest = sorted(REGIONS.values(), key=lambda other: _kilometres(home, other))
    return [region.code for region in nearest[:count]]


def _kilometres(a: Region, b: Region) -> float:
    """Great-circle distance; the haversine formula."""
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    across = cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 12_742 * asin(sqrt(sin(north / 2) ** 2 + across))
