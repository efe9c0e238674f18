"""Says how to get Chromium when there is none: the browser tests need the system's own."""

import shutil
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find() -> str | None:
    on_path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    return on_path or next((path for path in _MAC if Path(path).exists()), None)


if __name__ == "__main__" and find() is None:
    print(
        "There is no Chromium here, so the browser tests are left out. Get one with\n"
        "  apt-get install chromium        (Debian, Ubuntu)\n"
        "  brew install --cask chromium    (macOS)",
        file=sys.stderr,
    )
