"""How commands say what is wrong: in one line on standard error, with exit code 2, and no
traceback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, TypeVar

import click
from click.exceptions import NoArgsIsHelpError
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError

Made = TypeVar("Made")


class BadInput(click.ClickException):
    """What was typed, or a file that was named, cannot be taken; the message says what to mend."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"escale: {' '.join(self.format_message().split())}", file=file, err=True)


class Away(BadInput):
    """Something that the command needs does not answer."""

    exit_code = 1


@contextmanager
def in_one_line() -> Iterator[None]:
    """Say click's own complaints, and a database that is away, as shortly as ours."""
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        hint = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        raise BadInput(error.format_message() + hint) from None
    except OperationalError:
        raise Away("the database does not answer: is the product running?") from None


class Command(click.Command):
    """A command whose errors are one line."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with in_one_line():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with in_one_line():
            return super().invoke(ctx)


class Group(AppGroup):
    """A group of such commands, each run inside the application's context."""

    def command(self, name: str, **options: Any) -> Callable[[Callable[..., Any]], click.Command]:  # type: ignore[override]
        """Add a command to the group."""

        def decorate(function: Callable[..., Any]) -> click.Command:
            made = click.command(name, cls=Command, **options)(with_appcontext(function))
            self.add_command(made)
            return made

        return decorate

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        with in_one_line():
            return super().resolve_command(ctx, args)
