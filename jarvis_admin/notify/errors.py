"""Why a message did not arrive."""

from jarvis_admin.errors import JarvisError


class NotSent(JarvisError):
    """`str(error)` is one sentence of ours: nothing of the address, nothing of the answer."""

    status = 502
