"""Comments as items and back: the private record, and the item of what the public may see."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from chalicelib.comments import Appeal, AuthorHistory, Claim, Comment, Consent, Record, Replaced, Revision, Statement
from chalicelib.dynamodb.keys import Keys, comment_sort_key
from chalicelib.dynamodb.values import Item
from chalicelib.ids import inverted, order_id, order_time
from chalicelib.markdown import is_plain, plain
from chalicelib.policy import Help
from chalicelib.spam.finding import Verdict
from chalicelib.votes import rank

RECORD = "P"
POINTER = "Q"
REVISION = "R#"
DELETED_LIVES = 30 * 86_400
WAITING = "waiting"
"""One tray for all that waits, urgent first: its page is one Query."""
_LANE_RANK = {"urgent": "0", "reported": "1", "pending": "2", "spam": "3"}
_HIGHEST_SCORE = 99_999
WAITING_LANES = ("0", "1", "2")
"""How the ranks of what waits begin."""


def tray_of(record: Record) -> str:
    """Return the tray a record lies in."""
    return WAITING if record.waits else record.state


def tray_rank(record: Record) -> str:
    """Return where it lies there: by lane, then by the time since which it waits."""
    rank = _LANE_RANK[record.lane]
    if record.back_since is None:
        return f"{rank}#{record.order}"
    return f"{rank}#{order_id(record.back_since, 0)}#{record.order}"


def tray_range(tray: str) -> tuple[str, str, str]:
    """Return (stored tray, first rank, last rank) of a tray that a moderator asks for."""
    if tray == "pending":
        return WAITING, "0", "9~"
    if tray in {"urgent", "reported"}:
        return WAITING, _LANE_RANK[tray], f"{_LANE_RANK[tray]}~"
    return tray, "0", "9~"


def risk_rank(record: Record) -> str:
    """Return where it lies in the order riskiest first: by lane, the highest score first, then as in its tray."""
    lane, rest = tray_rank(record).split("#", 1)
    safe = _HIGHEST_SCORE - min(record.verdict.score, _HIGHEST_SCORE)
    return f"{lane}#{safe:05d}#{rest}"


def lies_in(record: Record, tray: str) -> bool:
    """Tell whether a record is in a tray that a moderator asks for."""
    stored, first, last = tray_range(tray)
    return tray_of(record) == stored and first <= tray_rank(record) <= last


def seconds(at: datetime | None) -> int | None:
    """Return whole seconds since 1970."""
    return None if at is None else int(at.timestamp())


def moment(value: int | None) -> datetime | None:
    """Return the time of whole seconds since 1970."""
    return None if value is None else datetime.fromtimestamp(value, UTC)


def record_item(keys: Keys, record: Record, now: datetime) -> Item:
    """Return the private record's item, in the tray of its state and lane."""
    return {
        "pk": keys.comment(record.id),
        "sk": RECORD,
        "id": record.id,
        "article": record.article_id,
        "parent": record.parent_id,
        "path": list(record.path),
        "text": record.text,
        "html": kept_html(record.text, record.html),
        "name": record.name,
        "email": record.email,
        "website": record.website,
        "author": record.author,
        "network": record.network,
        "consent": record.consent and {"version": record.consent.version, "at": seconds(record.consent.at)},
        "state": record.state,
        "lane": record.lane,
        "verdict": _verdict_json(record.verdict),
        "rev": record.revision,
        "ver": record.version,
        "edited": seconds(record.edited_at),
        "decision": record.decision,
        "head": record.head,
        "shown": record.was_public,
        "reports": record.reports or None,
        "reporters": list(record.reporters) or None,
        "reported": record.reported_at and record.reported_at.isoformat(),
        "round": record.round or None,
        "replaced": record.replaced and _replaced_item(record.replaced),
        "kept": record.kept_revision,
        "claim": record.claim and {"by": record.claim.by, "until": record.claim.until.isoformat()},
        "statement": record.statement and _statement_item(record.statement),
        "appeal": record.appeal and {"text": record.appeal.text, "at": record.appeal.at.isoformat()},
        "help": record.help and record.help.model_dump(mode="json"),
        "g1": keys.author(record.author),
        "g1s": record.order,
        "g2": keys.tray(tray_of(record)),
        "g2s": tray_rank(record),
        "ttl": int(now.timestamp()) + DELETED_LIVES if record.state == "deleted" else None,
    }


def revision_item(keys: Keys, before: Record) -> Item:
    """Return the item of a text that another one replaces."""
    return {
        "pk": keys.comment(before.id),
        "sk": revision_sort_key(before.revision),
        "text": before.text,
        "at": seconds(before.edited_at or before.created_at),
    }


def revision_sort_key(revision: int) -> str:
    """Return where the text of a revision stands beside its record, once another has replaced it."""
    return f"{REVISION}{revision:07d}"


def to_revision(item: Item) -> Revision:
    """Return the text that an item keeps."""
    return Revision(int(item["sk"].removeprefix(REVISION)), item["text"], datetime.fromtimestamp(item["at"], UTC))


def to_record(item: Item, votes: Item | None = None) -> Record:
    """Return the record that an item keeps; `votes` is the item that counts its votes."""
    consent, reported = item.get("consent"), item.get("reported")
    return Record(
        id=item["id"],
        article_id=item["article"],
        parent_id=item.get("parent"),
        path=tuple(item["path"]),
        text=item["text"],
        html=item.get("html") or plain(item["text"]),
        name=item.get("name"),
        email=item.get("email"),
        website=item.get("website"),
        author=item["author"],
        network=item.get("network"),
        consent=consent and Consent(consent["version"], datetime.fromtimestamp(consent["at"], UTC)),
        state=item["state"],
        lane=item["lane"],
        verdict=_to_verdict(item["verdict"]),
        revision=item["rev"],
        version=item["ver"],
        votes=votes_of(votes),
        edited_at=moment(item.get("edited")),
        decision=item.get("decision"),
        head=item.get("head"),
        was_public=item["shown"],
        reports=item.get("reports", 0),
        reporters=tuple(item.get("reporters", ())),
        reported_at=datetime.fromisoformat(reported) if reported else None,
        round=item.get("round", 0),
        replaced=_to_replaced(item["replaced"]) if "replaced" in item else None,
        kept_revision=item.get("kept"),
        claim=_to_claim(item["claim"]) if "claim" in item else None,
        statement=_to_statement(item.get("statement")),
        appeal=_to_appeal(item["appeal"]) if "appeal" in item else None,
        help=Help.model_validate(item["help"]) if "help" in item else None,
    )


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a record's pointer says of it: all it takes to read the record and its context by one batch."""

    id: str
    author: str
    parent_id: str | None
    was_public: bool
    reporters: tuple[str, ...]


def pointer_item(keys: Keys, record: Record) -> Item | None:
    """Return the item by which what waits is found riskiest first; None for a record that does not wait."""
    if not record.waits:
        return None
    return {
        "pk": keys.comment(record.id),
        "sk": POINTER,
        "id": record.id,
        "author": record.author,
        "parent": record.parent_id,
        "shown": record.was_public,
        "reporters": list(record.reporters) or None,
        "g2": keys.risk(),
        "g2s": risk_rank(record),
    }


def to_pointer(item: Item) -> Pointer:
    """Return the pointer that an item keeps."""
    return Pointer(item["id"], item["author"], item.get("parent"), item["shown"], tuple(item.get("reporters", ())))


def _verdict_json(verdict: Verdict) -> str:
    return json.dumps(verdict.to_json(), ensure_ascii=False, separators=(",", ":"))


def _to_verdict(text: str) -> Verdict:
    return Verdict.from_json(json.loads(text))


def _replaced_item(replaced: Replaced) -> Item:
    return {
        **asdict(replaced),
        "reporters": list(replaced.reporters),
        "reported_at": replaced.reported_at and replaced.reported_at.isoformat(),
        "statement": replaced.statement and _statement_item(replaced.statement),
        "verdict": replaced.verdict and _verdict_json(replaced.verdict),
    }


def _to_replaced(item: Item) -> Replaced:
    reported, verdict = item.get("reported_at"), item.get("verdict")
    return Replaced(
        **{
            **item,
            "reporters": tuple(item["reporters"]),
            "reported_at": datetime.fromisoformat(reported) if reported else None,
            "statement": _to_statement(item.get("statement")),
            "verdict": _to_verdict(verdict) if verdict else None,
        }
    )


def _to_claim(item: Item) -> Claim:
    return Claim(item["by"], datetime.fromisoformat(item["until"]))


def _to_appeal(item: Item) -> Appeal:
    return Appeal(item["text"], datetime.fromisoformat(item["at"]))


def _statement_item(statement: Statement) -> Item:
    return {**asdict(statement), "at": statement.at.isoformat()}


def _to_statement(item: Item | None) -> Statement | None:
    if item is None:
        return None
    absent = dict.fromkeys(("ground", "message"))
    return Statement(**{**absent, **item, "at": datetime.fromisoformat(item["at"])})


def votes_of(item: Item | None) -> int:
    """Return how many votes a comment has, from the item that counts them."""
    return int((item or {}).get("up", 0))


def is_gone(item: Item, now: datetime) -> bool:
    """Tell whether an item's time is over, though DynamoDB has not removed it yet."""
    return bool(item.get("ttl")) and item["ttl"] <= now.timestamp()


def standing_record(item: Item | None, now: datetime, votes: Item | None = None) -> Record | None:
    """Return the record that an item keeps, None without one or when its time is over."""
    return None if item is None or is_gone(item, now) else to_record(item, votes)


def public_key(keys: Keys, record: Record) -> tuple[str, str]:
    """Return where the public item of a comment stands."""
    root, *replies = record.path
    return keys.article(record.article_id), comment_sort_key((root, *map(inverted, replies)))


def public_item(keys: Keys, record: Record, *, deep: bool) -> Item:
    """Return the item of what the public may see: nothing else is ever in the article's partition.

    `deep` tells that replies may stand below it.
    """
    pk, sk = public_key(keys, record)
    root = len(record.path) == 1
    return {
        "pk": pk,
        "sk": sk,
        "id": record.id,
        "parent": record.parent_id,
        "text": record.text,
        "html": kept_html(record.text, record.html),
        "name": record.name,
        "site": record.website,
        "rev": record.revision,
        "votes": record.votes or None,
        "edited": seconds(record.edited_at),
        "g2": keys.ranking(record.article_id) if root else None,
        "g2s": public_rank(record) if root else None,
        "deep": True if root and deep else None,
    }


def public_rank(record: Record, votes: int | None = None) -> str:
    """Return where a root stands in the order best first: by what its votes are worth, then newest first."""
    return f"{rank(record.votes if votes is None else votes):02d}#{record.order}"


def to_comment(item: Item) -> Comment:
    """Return what the public sees from a public item."""
    # The sort key holds the path; its last id tells when the comment was written.
    ids = item["sk"][2:-1].split("#")
    order = ids[0] if len(ids) == 1 else inverted(ids[-1])
    text = item["text"]
    return Comment(
        id=item["id"],
        parent_id=item.get("parent"),
        depth=len(ids) - 1,
        name=item.get("name"),
        website=item.get("site"),
        text=text,
        html=item.get("html") or plain(text),
        created_at=order_time(order),
        edited_at=moment(item.get("edited")),
        revision=item["rev"],
        votes=item.get("votes", 0),
    )


def to_author(item: Item | None) -> AuthorHistory:
    """Return an author's history from its item, the empty one without."""
    if item is None:
        return AuthorHistory()
    return AuthorHistory(
        comments=item.get("n", 0),
        approved=item.get("approved", 0),
        rejected=item.get("rejected", 0),
        spam=item.get("spam", 0),
        first_seen=moment(item.get("first")),
        trusted=item.get("trusted", False),
    )


def kept_html(text: str, html: str) -> str | None:
    """Return the html to store, None for text without markup: that is stored once, and its html made when read."""
    return None if is_plain(text, html) else html
