"""A machine before its first state: its ids, its name, its address."""

import hashlib

import msgspec

from localfly.ids import machine_id, nonce, now_ms, ulid
from localfly.state import App, Config, Machine


def new_machine(app: App, name: str, region: str, config: Config) -> Machine:
    now, key = now_ms(), machine_id()
    return Machine(
        id=key,
        app_name=app.name,
        name=name,
        state="created",
        region=region,
        instance_id=ulid(),
        private_ip=private_ip(app.network, key),
        config_json=msgspec.Raw(msgspec.json.encode(config)),
        created_ms=now,
        updated_ms=now,
    )


def private_ip(network: str, key: str) -> str:
    """An address on the network's own prefix, always the same for the same machine."""
    net = hashlib.sha256(network.encode()).hexdigest()
    own = hashlib.sha256(key.encode()).hexdigest()
    return f"fdaa:9:{net[:4]}:a7b:{own[:4]}:{own[4:8]}:{own[8:12]}:2"


def made_up_name() -> str:
    return f"machine-{nonce()}"
