"""Errors become a page, or for htmx a toast; here and nowhere else."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from htmx_flask import make_response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from jarvis_admin.errors import JarvisError
from jarvis_admin.services.throttle import PAUSE
from jarvis_admin.web import access
from jarvis_admin.web.fragments import wants_fragment

_SENTENCES = {
    400: ("This cannot be understood", "The request is not complete. Go back and try again."),
    403: ("Not for your role", "Your role does not allow this."),
    404: ("Nothing here", "There is no page at this address. It may be mistyped."),
    405: (
        "Not this way",
        "This address does not answer that kind of request. Nothing was changed.",
    ),
    409: ("Not now", "The state of the machine does not allow this. Nothing was changed."),
    413: ("Too large", "More was sent than this page takes. Nothing was changed."),
    422: ("This cannot be done", "Something in the form is missing or wrong. Nothing was changed."),
    429: ("Too many tries", "Too many failed tries. Wait 15 minutes, then sign in again."),
    500: (
        "Something broke on our side",
        "The error was recorded. Try again; if it stays, tell us the request id.",
    ),
}
_STALE_FORM = (
    "This form is too old, or came from another site. Nothing was changed: load the page again."
)


def init_app(app: Flask) -> None:
    app.register_error_handler(JarvisError, _ours)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)


def _ours(error: JarvisError) -> Response:
    shown = _show(error.status, str(error))
    if error.status == 429:
        shown.headers["Retry-After"] = str(int(PAUSE.total_seconds()))
    return shown


def _stale_form(_error: CSRFError) -> Response:
    return _show(400, _STALE_FORM)


def _http(error: HTTPException) -> Response:
    answer = error.get_response()
    code = error.code or 500
    if code < 400:
        return answer  # type: ignore[return-value]
    message = _too_large() if code == 413 else _SENTENCES.get(code, _SENTENCES[500])[1]
    shown = _show(code, message)
    for name in ("Allow", "Retry-After"):
        if name in answer.headers:
            shown.headers[name] = answer.headers[name]
    return shown


def _too_large() -> str:
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    return f"More was sent than the {limit / 2**20:.0f} MB this page takes. Nothing was changed."


def _show(status: int, message: str) -> Response:
    request_id = g.get("request_id", "")
    if wants_fragment():
        # reswap=none leaves the target alone; the toast goes to its own place.
        toast = render_template("_toast.html", message=message, failed=True)
        return make_response(toast, status, reswap="none")
    signed_in = _signed_in()
    # The shell of the console needs more than a page that says what broke may count on.
    template = "error_in_shell.html" if signed_in and status < 500 else "error.html"
    url, words = _way_back(status) if signed_in else (url_for("overview.index"), "Sign in")
    page = render_template(
        template,
        title=_SENTENCES.get(status, _SENTENCES[500])[0],
        message=message,
        request_id=request_id,
        back=url,
        back_words=words,
    )
    return make_response(page, status)


def _way_back(status: int) -> tuple[str, str]:
    """To what the refused request was about."""
    if status == 413 and (form := _form_path()):
        return form, "Back to the form"
    named = request.view_args or {}
    if "handle" in named and status not in (404, 405):
        return url_for("machine.show", handle=named["handle"]), f"Back to {named['handle']}"
    if "operation_id" in named and status not in (404, 405):
        url = url_for("operations.show", operation_id=named["operation_id"])
        return url, "Back to the operation"
    if request.blueprint in ("bulk", "machine", "machine_actions"):
        return url_for("machines.index"), "Back to the machines"
    return url_for("overview.index"), "Back to the console"


def _form_path() -> str:
    """Where the request came from, if that is a page of ours; else empty."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.host:
        return ""
    try:
        current_app.create_url_adapter(request).match(came.path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return ""
    return came.path


def _signed_in() -> bool:
    """Also asked when the database is what failed; then nobody is."""
    try:
        return access.visitor() is not None
    except SQLAlchemyError:
        return False
