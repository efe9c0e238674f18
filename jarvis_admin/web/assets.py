"""Static files under URLs that change with their content, so browsers keep them for a year."""

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory

from jarvis_admin.web.access import public

STATIC = Path(__file__).parents[2] / "static"
# In the order of the cascade.
STYLES = (
    "tokens.css",
    "tabler.css",
    "shell.css",
    "text.css",
    "state.css",
    "lists.css",
    "panels.css",
    "charts.css",
    "work.css",
    "reports.css",
    "budgets.css",
    "door.css",
    "narrow.css",
    "motion.css",
    "print.css",
)
_SCRIPTS = ("console.js", "live.js", "lists.js", "charts.js")
_FOREVER = "public, max-age=31536000, immutable"

bp = Blueprint("static", __name__, url_prefix="/static")


class MissingAssets(RuntimeError):
    """The browser libraries were not installed; a page without them is no console."""


def init_app(app: Flask) -> None:
    urls = read_urls(STATIC)

    def asset(name: str) -> str:
        return urls[name]

    app.add_template_global(asset)
    app.jinja_env.globals["styles"] = [urls[name] for name in STYLES]
    app.register_blueprint(bp)
    # Whatever a page embeds has changed when this has: part of every ETag.
    app.extensions["assets_version"] = _digest(json.dumps(urls, sort_keys=True).encode())


@bp.get("/<path:name>")
@public
def send(name: str) -> Response:
    response = send_from_directory(STATIC, name)
    response.headers["Cache-Control"] = _FOREVER
    return response


def read_urls(static: Path) -> dict[str, str]:
    """Every file by its plain name, at the address it has with its present content."""
    manifest = static / "vendor" / "manifest.json"
    if not manifest.exists():
        raise MissingAssets("static/vendor/manifest.json is missing: run `make assets` first.")
    vendor: dict[str, str] = json.loads(manifest.read_text())
    urls = {name: f"/static/vendor/{file}" for name, file in vendor.items()}
    for own in [*(f"css/{name}" for name in STYLES), *(f"js/{name}" for name in _SCRIPTS)]:
        digest = _digest((static / own).read_bytes())
        urls[own.partition("/")[2]] = f"/static/{own}?v={digest}"
    return urls


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
