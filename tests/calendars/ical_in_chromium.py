"""ical.js inside Chromium, as a program of its own: a line of JSON in, a line of JSON out.

Not in the tests' own process: a Playwright is open there already when browser tests ran before.
Arguments: the library, the expression to evaluate, the browser.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main(library: str, expression: str, browser_path: str) -> None:
    """Answer until the questions end."""
    code = Path(expression).read_text(encoding="utf-8")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=browser_path, args=FLAGS) as browser,
    ):
        page = browser.new_page()
        page.add_script_tag(path=library)
        for question in sys.stdin:
            answer = json.dumps(page.evaluate(code, json.loads(question)))
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
