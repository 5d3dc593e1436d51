"""What is shown of people and their tokens: all but the secrets."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.people.roster import People, Person, Role, Token
from chalicelib.text import normal


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token as lists show it; `used_at` is the start of the hour in which it was used last."""

    id: str
    label: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person with the tokens that stand."""

    name: str
    role: Role
    added_at: datetime
    added_by: str
    tokens: list[ShownToken]


@dataclass(frozen=True, slots=True)
class Members:
    """Everybody who may sign in, by name; the owner of AFTERWORD_OWNER_TOKEN is not among them."""

    items: list[Member]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Somebody's tokens, oldest first."""

    items: list[ShownToken]


@dataclass(frozen=True, slots=True)
class Added:
    """A person who was added, and the first token: it is shown this once and kept nowhere."""

    moderator: Member
    token: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was made, shown this once and kept nowhere, and all tokens of its holder."""

    token: str
    items: list[ShownToken]


@dataclass(frozen=True, slots=True)
class SignedOut:
    """How many sessions were ended."""

    ended: int


def members(people: People) -> Members:
    """Return everybody as lists show them."""
    return Members([member(people, each) for each in sorted(people.persons, key=lambda each: normal(each.name))])


def tokens_of(people: People, name: str) -> Tokens:
    """Return somebody's tokens as lists show them."""
    return Tokens([_shown(each) for each in people.held_by(name)])


def member(people: People, person: Person) -> Member:
    """Return a person as lists show them."""
    tokens = tokens_of(people, person.name).items
    return Member(person.name, person.role, person.added_at, person.added_by, tokens)


def _shown(token: Token) -> ShownToken:
    # The hour of its first use may have begun before it was made.
    used = token.used_at and max(token.used_at, token.created_at)
    return ShownToken(token.id, token.label, token.created_at, token.expires_at, used)
