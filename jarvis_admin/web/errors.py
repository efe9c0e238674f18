"""Errors become a page, or for htmx a toast; here and nowhere else."""

from flask import Flask, Response, g, render_template
from flask_wtf.csrf import CSRFError
from htmx_flask import make_response
from werkzeug.exceptions import HTTPException

from jarvis_admin.errors import JarvisError
from jarvis_admin.services.staff import SignedIn
from jarvis_admin.web.fragments import wants_fragment

_SENTENCES = {
    400: ("This cannot be understood", "The request is not complete. Go back and try again."),
    403: ("Not for your role", "Your role does not allow this."),
    404: ("Nothing here", "There is no page at this address. Look at how it is written."),
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
    return _show(error.status, str(error))


def _stale_form(_error: CSRFError) -> Response:
    return _show(400, _STALE_FORM)


def _http(error: HTTPException) -> Response:
    answer = error.get_response()
    code = error.code or 500
    if code < 400:
        return answer  # type: ignore[return-value]
    shown = _show(code, _SENTENCES.get(code, _SENTENCES[500])[1])
    for name in ("Allow", "Retry-After"):
        if name in answer.headers:
            shown.headers[name] = answer.headers[name]
    return shown


def _show(status: int, message: str) -> Response:
    request_id = g.get("request_id", "")
    if wants_fragment():
        # reswap=none leaves the target alone; the toast goes to its own place.
        toast = render_template("_toast.html", message=message, failed=True)
        return make_response(toast, status, reswap="none")
    title = _SENTENCES.get(status, _SENTENCES[500])[0]
    page = render_template(
        "error.html", title=title, message=message, request_id=request_id, signed_in=_signed_in()
    )
    return make_response(page, status)


def _signed_in() -> bool:
    """Also asked when the database is what failed; then nobody is."""
    return isinstance(g.get("_login_user"), SignedIn)
