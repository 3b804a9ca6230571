"""Print pip's own index settings as shell assignments that uv reads.

uv does not read pip's configuration. Whoever told pip where its packages come from should not have
to say it twice, so `./escale` evaluates what this prints before it calls uv. Run as a file by the
interpreter of .venv; standard library only.
"""

import ast
import os
import shlex
import subprocess
import sys

# pip's option -> (the variable uv reads, what joins several values)
VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "no-index": ("UV_NO_INDEX", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
    "proxy": ("ALL_PROXY", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
}
SECTIONS = ("global", "install", ":env:")  # later ones win, as in pip itself


def assignments(listing: str) -> dict[str, str]:
    """Translate what `pip config list` prints ("section.option='value'" a line) for uv."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            option = name.removeprefix(f"{section}.")
            if option == name or option not in VARIABLES:
                continue
            variable, separator = VARIABLES[option]
            found[variable] = separator.join(str(ast.literal_eval(value)).split())
    if "UV_INDEX" in found:
        # pip takes a release from whichever index has it, uv only from the first that knows the
        # name. Every file is checked against the hash in our lock, so looking further is safe.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


def main() -> None:
    """Print one assignment a line for every variable the environment does not set already."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for variable, value in assignments(listing).items():
        if variable not in os.environ:
            print(f"{variable}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
