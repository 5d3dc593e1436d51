"""The owner's command, `afterword`: its subcommands, each from the file of its name."""

import typer

from tools.audit import audit
from tools.model import model
from tools.moderators import moderators
from tools.recount import recount

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,  # what a traceback may show of a table is nobody else's
)


@app.callback()
def afterword() -> None:
    """Look after an Afterword: its table here or in AWS."""


app.command()(recount)
app.add_typer(audit, name="audit")
app.add_typer(model, name="model")
app.add_typer(moderators, name="moderators")


def main() -> None:
    """Run the command; ends the process with its exit code."""
    app(prog_name="afterword")
