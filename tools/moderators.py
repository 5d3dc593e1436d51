"""`afterword moderators`: who may sign in, and their tokens."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich import box
from rich.table import Table

from chalicelib.patience import pause
from chalicelib.people import (
    BY_COMMAND,
    DAYS,
    TOKEN_BYTES,
    Act,
    Added,
    Members,
    NewModerator,
    OldModerator,
    OldToken,
    PeopleStore,
    Role,
    add,
    members,
    remove,
    revoke,
    sign_out,
)
from tools import table_at_hand, terminal
from tools.exits import refusing
from tools.table_at_hand import Choice, open_table

Who = Annotated[str, typer.Argument(metavar="NAME", help="The moderator's name.", show_default=False)]

moderators = typer.Typer(no_args_is_help=True, help="Say who may sign in.", rich_markup_mode="markdown")


@moderators.callback()
def _moderators() -> None:
    """Say who may sign in."""


@moderators.command("add")
def add_moderator(  # noqa: PLR0913 - one argument for each option
    name: Who,
    *,
    role: Annotated[Role, typer.Option(help="What the person may do.")] = "moderator",
    label: Annotated[str, typer.Option(metavar="TEXT", help="What the first token is for.")] = "first token",
    days: Annotated[int, typer.Option(metavar="DAYS", help="How long the first token lasts.")] = DAYS,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Add a moderator and print the first token, which is kept nowhere: on stdout, and nothing else there."""
    wanted = _checked(NewModerator, name=name, role=role, label=label, days=days)
    with refusing(), _open_store(Choice(region, data, table, site)) as store:
        random = secrets.token_bytes(TOKEN_BYTES)
        added = add(store, wanted, _act(), lambda _identity: random)
    if as_json:
        print(TypeAdapter(Added).dump_json(added).decode())
        return
    until = added.moderator.tokens[-1].expires_at
    words = f"{added.moderator.name} may sign in as {added.moderator.role} until {until:%Y-%m-%d}, with this token:"
    terminal.messages().print(terminal.safe(words), soft_wrap=True)
    print(added.token)


@moderators.command("list")
def list_moderators(
    *,
    as_json: terminal.AsJson = False,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Show who may sign in, with their tokens and when each was used last."""
    with refusing(), _open_store(Choice(region, data, table, site)) as store:
        found = members(store.roster(None, datetime.now(UTC)).people)
    if as_json:
        print(TypeAdapter(Members).dump_json(found).decode())
    elif found.items:
        terminal.output().print(_table(found))
    else:
        terminal.say("Nobody yet, beside the owner of AFTERWORD_OWNER_TOKEN.")


@moderators.command("revoke")
def revoke_token(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The token's id.", show_default=False)],
    *,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Revoke a token; the sessions made with it end."""
    old = _checked(OldToken, id=identity)
    with refusing(), _open_store(Choice(region, data, table, site)) as store:
        revoke(store, old.id, _act(), of=None)
    terminal.say(f"The token {old.id} is revoked.")


@moderators.command("sign-out")
def sign_moderator_out(
    name: Who,
    *,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """End every session of a moderator, or of "owner"; tokens stay."""
    old = _checked(OldModerator, name=name)
    with refusing(), _open_store(Choice(region, data, table, site)) as store:
        ended = sign_out(store, old.name, _act()).ended
    terminal.say(f"{ended} {'session' if ended == 1 else 'sessions'} of {old.name} ended.")


@moderators.command("remove")
def remove_moderator(
    name: Who,
    *,
    region: table_at_hand.Region = None,
    data: table_at_hand.Data = None,
    table: table_at_hand.Table = None,
    site: table_at_hand.Site = None,
) -> None:
    """Remove a moderator, with every token and session."""
    old = _checked(OldModerator, name=name)
    with refusing(), _open_store(Choice(region, data, table, site)) as store:
        remove(store, old.name, _act())
    terminal.say(f"{old.name} may not sign in any more.")


def _act() -> Act:
    return Act(BY_COMMAND, datetime.now(UTC), secrets.randbits(42), pause)


def _checked(shape: type[BaseModel], **values: object) -> Any:  # noqa: ANN401 - the shape's own
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        faults = (f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise typer.BadParameter("; ".join(faults)) from None


@contextmanager
def _open_store(choice: Choice) -> Iterator[PeopleStore]:
    with open_table(choice) as table:
        # Loads boto3, as open_table does, and says why it is not done sooner.
        from chalicelib.dynamodb import DynamoPeople  # noqa: PLC0415

        terminal.note(f"Working on {table}.")
        yield DynamoPeople(table.connection)


def _table(found: Members) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("name", "role", "token", "for", "until", "last used"):
        table.add_column(name, overflow="fold")
    for each in found.items:
        table.add_row(terminal.safe(each.name), each.role, *([""] * 4 if not each.tokens else []))
        for token in each.tokens:
            used = f"{token.used_at:%Y-%m-%d %H:00}" if token.used_at else "never"
            table.add_row("", "", token.id, terminal.safe(token.label), f"{token.expires_at:%Y-%m-%d}", used)
    return table
