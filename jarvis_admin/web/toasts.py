"""What a POST answers: the changed fragment with a toast, or a redirect that shows one."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from jarvis_admin.web.fragments import wants_fragment


def done(message: str, fragment: str, url: str) -> ResponseReturnValue:
    """`fragment` is swapped by htmx, with the message beside it; without script: 303 to `url`."""
    if wants_fragment():
        return fragment + render_template("_toast.html", message=message, failed=False)
    flash(message)
    return redirect(url, 303)
