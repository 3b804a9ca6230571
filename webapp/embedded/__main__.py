"""`python -m webapp.embedded ...`: what ./escale calls."""

import argparse
import os
import signal
import sys
from pathlib import Path

from webapp.embedded import prepare, services, supervisor
from webapp.embedded.processes import ServiceError


def main() -> int:
    """Run one command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m webapp.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole product, until Ctrl-C")
    alone = commands.add_parser("services", help="database, broker and inbox only, until Ctrl-C")
    alone.add_argument("directory", type=Path)
    commands.add_parser("check-database", help="the migrations make what the models say")
    prepared = commands.add_parser("prepare", help="used by run: schema and demonstration tours")
    prepared.add_argument("links_fd", type=int)
    prepared.add_argument("--demo", action="store_true")
    given = parser.parse_args()
    try:
        match given.command:
            case "run":
                return supervisor.run(os.environ)
            case "services":
                serve_alone(given.directory)
            case "check-database":
                prepare.check_database()
            case "prepare":
                prepare.prepare(given.links_fd, with_demo=given.demo)
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def serve_alone(directory: Path) -> None:
    """Database, broker and inbox under `directory`, their addresses as shell assignments."""
    signs = {signal.SIGINT, signal.SIGTERM}
    with services.services(directory.resolve(), durable=True) as config:
        print(f"DATABASE_URL='{config.database_url}'")
        print(f"REDIS_URL='{config.redis_url}'")
        print("MAIL_FROM=tours@escale.example")
        print(f"MAIL_URL='{config.mail_url}'", flush=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, signs)
        signal.sigwait(signs)


if __name__ == "__main__":
    sys.exit(main())
