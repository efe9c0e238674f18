"""The Authorization header for a token of any kind."""

import re

from jarvis_admin.errors import Invalid

MACAROONS = ("fm2_", "fm1r_", "fm1a_")
SCHEMES = re.compile(r"^((bearer|flyv1)(\s+|$))+", re.IGNORECASE)


def authorization(token: str) -> str:
    """`FlyV1` for macaroons (several may be joined with commas), `Bearer` for the rest.

    Tokens often carry their scheme as part of the text. An Invalid never repeats the token.
    """
    bare = SCHEMES.sub("", token.strip())
    parts = [part.strip() for part in bare.split(",")]
    if not all(part.isascii() and part.isprintable() and " " not in part for part in parts):
        raise Invalid("The Fly token holds characters that no token has.")
    if not all(parts):
        raise Invalid("The Fly token is empty, or a part of it is.")
    macaroon = any(part.startswith(MACAROONS) for part in parts)
    return f"{'FlyV1' if macaroon else 'Bearer'} {','.join(parts)}"
