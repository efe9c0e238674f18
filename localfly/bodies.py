"""Machines in the shapes that Fly answers."""

from typing import Any

import msgspec

from localfly.cloud import Cloud
from localfly.ids import rfc3339
from localfly.images import image_ref
from localfly.reach import machine_answers
from localfly.state import EVENTS_SHOWN, Machine


class _Overview(msgspec.Struct, omit_defaults=True):
    """What is known of a config without asking its host; decoding skips the rest."""

    image: str = ""
    guest: msgspec.Raw = msgspec.Raw()
    metadata: dict[str, Any] | None = None


_overview = msgspec.json.Decoder(_Overview)


def machine_body(cloud: Cloud, machine: Machine) -> dict[str, Any]:
    body = {
        **machine_summary(machine),
        "image_ref": image_ref(machine.config["image"]),
        "config": machine.config_json,
        "events": machine.events[:EVENTS_SHOWN],
        "checks": cloud.health.rows(machine),
        "host_status": "ok",
    }
    if not machine.gone and not machine_answers(cloud, machine):
        partial = _overview.decode(machine.config_json)
        body |= {"host_status": "unreachable", "config": None, "incomplete_config": partial}
    return body


def machine_summary(machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "name": machine.name,
        "state": machine.state,
        "region": machine.region,
        "instance_id": machine.instance_id,
        "private_ip": machine.private_ip,
        "created_at": rfc3339(machine.created_ms),
        "updated_at": rfc3339(machine.updated_ms),
        "cordoned": machine.cordoned,
    }


def org_machine_body(machine: Machine, *, summary: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": machine.id,
        "app_name": machine.app_name,
        "name": machine.name,
        "state": machine.state,
        "region": machine.region,
        "private_ip": machine.private_ip,
        "version": machine.instance_id,
        "instance_id": machine.instance_id,
        "created_at": rfc3339(machine.created_ms),
        "updated_at": rfc3339(machine.updated_ms),
    }
    if not summary:
        body["config"] = _overview.decode(machine.config_json)
    return body
