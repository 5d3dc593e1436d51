"""`afterword audit`: the log of decisions, looked at as a whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import typer
from rich import box
from rich.table import Table

from chalicelib.audit import AuditStore, Break, verify
from chalicelib.patience import pause
from tools import table_at_hand, terminal
from tools.exits import ending
from tools.table_at_hand import Choice, open_table

ALL_IS_WELL = 0
BROKEN = 1


audit = typer.Typer(no_args_is_help=True, help="Look at the log of decisions as a whole.", rich_markup_mode="markdown")


@audit.callback()
def _audit() -> None:
    """Look at the log of decisions as a whole."""


@audit.command("verify")
def verify_log(
    *,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Work out every hash of the log anew, and show what was changed or is missing.

    Nothing is written, and the service may go on meanwhile.

    Exit codes:

    - 0: every chain holds
    - 1: something was changed or is missing
    - 2: wrong use, or there is no such table
    - 4: the table was away; what was found until then is printed
    - 130: stopped by Ctrl-C, likewise
    """
    with ending(), _open_store(Choice(region, data, table, site)) as store:
        report = Report()
        try:
            _verify(store, report)
        finally:
            report.show(as_json=as_json)
    raise typer.Exit(BROKEN if report.breaks else ALL_IS_WELL)


@contextmanager
def _open_store(choice: Choice) -> Iterator[AuditStore]:
    with open_table(choice) as table:
        # Loads boto3, as open_table does, and says why it is not done sooner.
        from chalicelib.dynamodb import DynamoAudits  # noqa: PLC0415

        terminal.note(f"Verifying {table}.")
        yield DynamoAudits(table.connection)


def _verify(store: AuditStore, report: "Report") -> None:
    """Verify every chain into the report, which holds what was found so far at any time. Raises Unavailable."""
    with terminal.progress() as shown:
        task = shown.add_task("Looking for entries", total=None, unit="items")
        subjects = list(store.subjects(lambda seen: shown.update(task, completed=seen)))
        shown.remove_task(task)
        task = shown.add_task("Verifying", total=len(subjects), unit="chains")
        for each in subjects:
            chain, found = verify(store, each, pause)
            report.chains += bool(chain.entries)
            report.entries += len(chain.entries)
            report.breaks += found
            shown.advance(task)


@dataclass(slots=True)
class Report:
    """What was verified so far, and where a chain is broken."""

    chains: int = 0
    entries: int = 0
    breaks: list[Break] = field(default_factory=list)

    def show(self, *, as_json: bool) -> None:
        """Print it on stdout."""
        if as_json:
            print(json.dumps(self.document()))
            return
        console = terminal.output()
        if self.breaks:
            console.print(_table(self.breaks))
        console.print(self.sentence(), soft_wrap=True)

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"chains": self.chains, "entries": self.entries, "breaks": [asdict(each) for each in self.breaks]}

    def sentence(self) -> str:
        """Return it in short, for a person."""
        entries = f"{self.entries:,} {'entry' if self.entries == 1 else 'entries'}"
        chains = f"{self.chains:,} {'chain' if self.chains == 1 else 'chains'}"
        if not self.breaks:
            return f"{entries} in {chains}: the log is whole."
        return f"{entries} in {chains}: {len(self.breaks):,} broken. The log was changed by another hand."


def _table(breaks: list[Break]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("about", "entry", "what"):
        table.add_column(name, overflow="fold")
    for each in breaks:
        where = each.decision_id or "after the last"
        before = "missing before it" if each.decision_id else "missing"
        what = "changed" if each.what == "changed" else before
        table.add_row(terminal.safe(each.comment_id or "the site"), terminal.safe(where), what)
    return table
