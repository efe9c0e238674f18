"""Our typed client of Fly's Machines API; nothing outside of it sees httpx or raw JSON.

`client` holds the nouns together, `types` is what they return, `errors` what they raise; `wire`
is how a request travels, with `pacing`, `retries` and `refusals`. `metrics` is a client of its
own, for Fly's Prometheus.
"""

from jarvis_admin.fly.client import FlyClient
from jarvis_admin.fly.errors import FlyError
from jarvis_admin.fly.metrics import MetricsClient
from jarvis_admin.fly.pacing import Pacing

__all__ = ["FlyClient", "FlyError", "MetricsClient", "Pacing"]
