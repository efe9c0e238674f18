"""Put the browser libraries where /static/vendor serves them. Run after `npm ci`.

Every file gets a name with its own hash in it; `manifest.json` says which name that is.
"""

import hashlib
import json
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
NODE = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

LIBRARIES = {
    "tabler.min.css": NODE / "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": NODE / "htmx.org/dist/htmx.min.js",
    "plotly-basic.min.js": NODE / "plotly.js-basic-dist-min/plotly-basic.min.js",
    "inter.woff2": NODE / "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-ext.woff2": NODE / "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
ICONS = NODE / "@tabler/icons/icons/outline"
# Templates say {{ icon("check") }}, Python says icon="check" or {"icon": "check"}.
ICON_NAMED = re.compile(r"""\bicon["']?(?:\(|=|: )["']([a-z0-9-]+)["']""")

FACE = """@font-face {{
  font-family: "Inter Variable";
  font-weight: 100 900;
  font-display: swap;
  src: url("{file}") format("woff2");
  unicode-range: {letters};
}}
"""
LATIN = (
    "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, "
    "U+2122, U+2190-2193, U+2212, U+2215, U+FEFF, U+FFFD"
)
LATIN_EXT = (
    "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1E9F, U+1EF2-1EFF, "
    "U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF"
)


def main() -> None:
    if not NODE.exists():
        raise SystemExit("node_modules is missing: run `npm ci` first.")
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    manifest = {name: put(name, source.read_bytes()) for name, source in LIBRARIES.items()}
    manifest["fonts.css"] = put("fonts.css", fonts(manifest).encode())
    manifest["icons.svg"] = put("icons.svg", sprite(named_icons()).encode())
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"static/vendor holds {len(manifest)} files.")


def put(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    file = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    (VENDOR / file).write_bytes(content)
    return file


def fonts(manifest: dict[str, str]) -> str:
    return FACE.format(file=manifest["inter.woff2"], letters=LATIN) + FACE.format(
        file=manifest["inter-ext.woff2"], letters=LATIN_EXT
    )


def named_icons() -> list[str]:
    """Only what a page can show goes to the browser."""
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "jarvis_admin/web").rglob("*.py")]
    return sorted({icon for source in sources for icon in ICON_NAMED.findall(source.read_text())})


def sprite(names: list[str]) -> str:
    symbols = "".join(symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def symbol(name: str) -> str:
    file = ICONS / f"{name}.svg"
    if not file.exists():
        raise SystemExit(f"@tabler/icons has no icon named {name}.")
    inside = re.sub(r"<svg[^>]*>|</svg>|<!--.*?-->", "", file.read_text(), flags=re.DOTALL)
    shape = " ".join(inside.split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shape}</symbol>'


if __name__ == "__main__":
    main()
