"""The command line: python -m localfly serve."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from localfly.exclusive import StateInUse
from localfly.serving import serving
from localfly.settings import DEFAULT_ORG, DEFAULT_TOKEN, MAX_PAGE, TIMINGS, Settings


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_serve(_settings()))
    except (StateInUse, OSError) as error:
        sys.exit(f"Local Fly cannot start: {error}")


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serving(settings) as running:
        mode = "simulated machines" if settings.simulated else "real machines"
        print(
            f"Local Fly listens on {running.url}"
            f" for organization {settings.org}, {mode}, state in {settings.state}",
            flush=True,
        )
        await stop.wait()


def _settings() -> Settings:
    options = _parser().parse_args()
    host, _, port = options.listen.rpartition(":")
    return Settings(
        state=options.state,
        host=host,
        port=int(port),
        org=options.org,
        token=options.token,
        images=options.images,
        strict_images=options.strict_images,
        simulated=options.simulated,
        timings=TIMINGS[options.timings],
        rate_limit=options.rate_limit,
        page_limit=options.page_limit,
        scrape_interval=options.scrape_interval,
        day=options.day,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="localfly", description="A stand-in for Fly's Machines API."
    )
    serve = parser.add_subparsers(required=True, metavar="serve").add_parser("serve")
    defaults = Settings()
    serve.add_argument("--listen", default=f"{defaults.host}:{defaults.port}", help="port 0: any")
    serve.add_argument("--state", type=Path, default=defaults.state, help="state directory")
    serve.add_argument("--org", default=DEFAULT_ORG)
    serve.add_argument(
        "--token",
        default=os.environ.get("LOCALFLY_TOKEN", DEFAULT_TOKEN),
        help=f"default: $LOCALFLY_TOKEN, else {DEFAULT_TOKEN}",
    )
    serve.add_argument("--images", type=Path, help="TOML file: image reference or prefix = command")
    serve.add_argument("--strict-images", action="store_true", help="refuse unknown images")
    serve.add_argument("--simulated", action="store_true", help="machines without processes")
    serve.add_argument("--timings", choices=TIMINGS, default="fly")
    serve.add_argument("--rate-limit", action=argparse.BooleanOptionalAction, default=True)
    serve.add_argument("--page-limit", type=int, default=MAX_PAGE, help="rows of a page at most")
    serve.add_argument(
        "--scrape-interval",
        type=float,
        default=defaults.scrape_interval,
        help="seconds between two samples of a metric",
    )
    serve.add_argument(
        "--day", type=float, default=defaults.day, help="seconds of a day, to snapshots"
    )
    return parser


if __name__ == "__main__":
    main()
