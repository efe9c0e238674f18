"""The columns of FOCUS 1.2, and one charge of ours in them."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from jarvis_admin.domain.money import csv_dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.regions import REGIONS

COLUMNS = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "PricingCategory",
    "PricingCurrency",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
)
_ACCOUNT = "fly.io"
_MICROS_PER_HOUR = 3600 * 10**6
# Service category and subcategory as FOCUS lists them, and what is metered.
_SERVICES = {
    Component.COMPUTE: ("Compute", "Virtual Machines", "Machine time"),
    Component.ROOTFS: ("Storage", "Block Storage", "Root file system of a sleeping machine"),
    Component.VOLUME: ("Storage", "Block Storage", "Volume"),
    Component.SNAPSHOT: ("Storage", "Backup Storage", "Volume snapshots"),
    Component.ARCHIVE: ("Storage", "Object Storage", "Archives of volumes"),
    Component.HELPER: ("Compute", "Virtual Machines", "Helper machines and their volumes"),
    Component.EGRESS: ("Networking", "Network Infrastructure", "Outbound traffic"),
    Component.ADDRESS: ("Networking", "Network Infrastructure", "IP address"),
}
_OTHER = ("Other", "Other (Other)", "")


class Of(NamedTuple):
    """Whose a row is."""

    id: str = ""
    handle: str = ""
    region: str = ""
    plan: str = ""
    user_group: str = ""
    owner: str = "unallocated"


def row(
    month: Month, day: date, component: str, micros: int, nano: int, of: Of, sent: int = 0
) -> Sequence[str]:
    """`sent` in bytes, for egress."""
    cost = csv_dollars(nano)
    category, subcategory, meter = _SERVICES.get(component, _OTHER)  # type: ignore[call-overload]
    charge, charge_class = _charge(component, nano)
    quantity, unit = _quantity(charge, micros, sent)
    values = {
        "BilledCost": cost,
        "BillingAccountId": _ACCOUNT,
        "BillingAccountName": "Fly.io organisation",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": _instant(month.following.first),
        "BillingPeriodStart": _instant(month.first),
        "ChargeCategory": charge,
        "ChargeClass": charge_class,
        "ChargeDescription": f"{meter or component} of {_safe(of.handle) or 'no user'}",
        "ChargeFrequency": "Usage-Based" if charge == "Usage" else "One-Time",
        "ChargePeriodEnd": _instant(day + timedelta(days=1)),
        "ChargePeriodStart": _instant(day),
        "ConsumedQuantity": quantity if charge == "Usage" else "",
        "ConsumedUnit": unit if charge == "Usage" else "",
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceIssuerName": "Fly.io",
        "ListCost": cost,
        "PricingCategory": "Standard" if charge == "Usage" else "",
        "PricingCurrency": "USD",
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "ProviderName": "Fly.io",
        "PublisherName": "Fly.io",
        "RegionId": of.region,
        "RegionName": REGIONS[of.region].city if of.region in REGIONS else "",
        "ResourceId": of.id,
        "ResourceName": of.id,
        "ResourceType": "Workspace" if of.id else "",
        "ServiceCategory": category,
        "ServiceName": "Fly Machines",
        "ServiceSubcategory": subcategory,
        "SkuId": f"fly-{component}",
        "SkuMeter": meter,
        "SkuPriceId": f"fly-{component}-{of.region}" if of.region else f"fly-{component}",
        "SubAccountId": of.id,
        "SubAccountName": _safe(of.handle),
        "SubAccountType": "Workspace" if of.id else "",
        "Tags": _tags(of),
    }
    return [values.get(column, "") for column in COLUMNS]


def _charge(component: str, nano: int) -> tuple[str, str]:
    """Category and class; what corrects an earlier month says so in its day, not here."""
    if component == Component.RESERVATION:
        return ("Purchase" if nano >= 0 else "Credit"), ""
    if component == Component.ADJUSTMENT:
        return ("Adjustment" if nano >= 0 else "Credit"), ""
    return "Usage", ""


def _tags(of: Of) -> str:
    tags = {"owner": of.owner, "plan": of.plan, "user_group": of.user_group}
    return json.dumps({name: value for name, value in tags.items() if value})


def _quantity(charge: str, micros: int, sent: int) -> tuple[str, str]:
    """With its unit; six places of an hour are four milliseconds."""
    if charge == "Purchase":
        return "1", "Purchases"
    if sent:
        return f"{sent // 10**9}.{sent % 10**9:09d}", "GB"
    return (f"{micros / _MICROS_PER_HOUR:.6f}", "Hours") if micros else ("", "")


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _safe(text: str) -> str:
    """A cell that begins so would be a formula to a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
