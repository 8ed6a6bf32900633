"""Take the pictures of the README and docs/ from the real site of all of AWS.

    python docs/make_screenshots.py

Needs the catalog of `make full`, a Chromium (Debian's package chromium) and the test packages.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
CATALOG = HERE.parent / "mirror" / "catalog.db"
PICTURES = {
    "start": ("/", "light"),
    "action": ("/catalog/-/action/connect:CreateInstance", "light"),
    "service": ("/catalog/-/service/connect", "dark"),
    "arn": ("/catalog/-/tools/arn?arn=arn:aws:connect::111122223333:instance/*", "light"),
}
"""Each picture with the page that it shows, and its colours."""
SIZE = {"width": 1100, "height": 760}
SECONDS = 30


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("No Chromium found: on Debian, apt-get install chromium.")
    if not CATALOG.is_file():
        sys.exit(f"No catalog {str(CATALOG)!r}: make full.")
    port = free_port()
    command = [sys.executable, "-m", "iam_catalog", "serve", "--port", str(port)]
    server = subprocess.Popen([*command, "--database", str(CATALOG)], stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        take_pictures(chromium, f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Return once the server answers; exit after `SECONDS`."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            with urlopen(address):
                return
        except URLError:
            time.sleep(0.2)
    sys.exit(f"{address} did not answer within {SECONDS} seconds.")


def take_pictures(chromium: str, site: str) -> None:
    """Write each of `PICTURES` over the one that is there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (path, colours) in PICTURES.items():
            page = browser.new_page(viewport=SIZE, color_scheme=colours)
            page.goto(site + path)
            page.screenshot(path=HERE / "screenshots" / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
