"""What browsers may do with our pages, said on every answer."""

from flask import Flask, Response

from jarvis_admin.config import Settings

_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def init_app(app: Flask, settings: Settings) -> None:
    headers = dict(_ALWAYS)
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def add(response: Response) -> Response:
        if response.status_code == 304:
            return response  # the browser keeps what came with the 200
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        # Pages show what only this person may see; views that revalidate say so themselves.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
