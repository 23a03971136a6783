"""All commands in one program."""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from vunet.cli import measuring, page, rendering, sharing, training
from vunet.errors import VUNetError

STOPPED = 130  # the exit code after Ctrl+C
HELP = """The Variational U-Net: a person's look in any pose.

Without a command, the page opens. Exit codes: 0 all was done; 1 an error that you can act
on, or photos of a folder that were refused; 2 wrong usage; 130 stopped by Ctrl+C.
"""


def in_one_sentence(command: Callable[..., None]) -> Callable[..., None]:
    """An error that the user can act on is one line and exit code 1, never a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (VUNetError, OSError, UnicodeDecodeError) as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("Stopped. The same command goes on where it stopped.", err=True)
            raise typer.Exit(STOPPED) from None

    return run


SECTIONS = {"Page": page, "Pictures": rendering, "Training": training, "Checkpoints": sharing, "Speed": measuring}
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=HELP)
for title, module in SECTIONS.items():
    for command in module.COMMANDS:
        app.command(name=command.__name__.replace("_", "-"), rich_help_panel=title)(in_one_sentence(command))


@app.callback(invoke_without_command=True)
def open_page(context: typer.Context) -> None:
    """Opens the page where no command is given."""
    if context.invoked_subcommand is None:
        in_one_sentence(page.page)()


def main() -> None:
    """Runs a command. One that was stopped ends at once: a thread that still looks for a person would abort the exit."""
    try:
        app()
    except SystemExit as end:
        if end.code == STOPPED:
            for worker in multiprocessing.active_children():  # each would wait for work for ever
                worker.kill()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(STOPPED)
        raise
