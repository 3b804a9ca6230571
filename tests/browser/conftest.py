"""The whole product as `./escale run` starts it, and Chromium to use it with."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.faults.processes import ROOT, free_port, wait_for

PATIENCE = 60_000  # ms: a busy machine takes its time, and a right answer ends the wait
expect.set_options(timeout=PATIENCE)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Product:
    """A running product: its address and the links of its demonstration tours."""

    def __init__(self, address: str, links: dict) -> None:
        self.address = address
        self.links = links

    @property
    def upcoming(self) -> dict:
        """The links of the tour that takes registrations."""
        return next(t for t in self.links["trips"] if re.match(r"south-of-france-\d", t["slug"]))

    def get(self, address: str) -> bytes:
        """What a program without cookies gets from an address."""
        return urllib.request.urlopen(address).read()  # noqa: S310  # our own


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """`./escale run` from this checkout, with data of its own, until the tests are over."""
    folder, port = Path(tempfile.mkdtemp(prefix="escale-browser-")), free_port()
    folder.chmod(0o711)
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port)}
    address = f"http://127.0.0.1:{port}"
    log = folder / "run.log"
    with log.open("wb") as output:
        child = subprocess.Popen([ROOT / "escale", "run"], env=env, stdout=output, stderr=output)
    try:
        wait_for("the product is fit to serve", lambda: is_ready(address), log)
        said = subprocess.run(
            [ROOT / "escale", "flask", "demo", "links", "--json"],
            env=env, check=True, capture_output=True,
        )  # fmt: skip
        yield Product(address, json.loads(said.stdout))
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def is_ready(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/readyz").status == 200  # noqa: S310
    except OSError:
        return False


@pytest.fixture(scope="package")  # Playwright's event loop in this thread ends before other tests
def browser() -> Iterator[Browser]:
    """Chromium. Where it is missing the test fails: `./escale test` leaves it out, and says so."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A reader with cookies of their own. Anything that the page says to the console as an error
    (a script that broke, a style that our own policy refused) fails the test."""
    with browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        errors: list[str] = []
        context.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda e: errors.append(str(e.error)))
        yield context
        # A refused form answers 422, which the console reports as a failed resource.
        assert [e for e in errors if "status of 422" not in e] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
