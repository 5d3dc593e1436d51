"""Every key template of the table, once: `docs/table.md` lists what each is for.

Each key begins with the site id. Article ids stand percent-encoded, so `|` and `#` cannot occur in them.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

ARTICLE_KEY_BYTES = 512
SUMMARY = "~"
ROOT_END = "~"
"""Sorts after `#`: read backwards, a comment comes before its replies, and the summary before all."""
COMMENTS = "C#"
RATING_SHARDS = 16
SHARD = "N"


class ArticleKey(str):
    """An article as it stands in keys; taken as it is wherever an article's id is."""

    __slots__ = ()


def article_key(article_id: str) -> str:
    """Return the article id as it stands in keys: percent-encoded, or `#` and its SHA-256 when that is long."""
    if isinstance(article_id, ArticleKey):
        return article_id
    encoded = quote(article_id, safe="")
    if len(encoded) <= ARTICLE_KEY_BYTES:
        return encoded
    return "#" + hashlib.sha256(article_id.encode()).hexdigest()


def rating_shard(reader: str) -> int:
    """Return which of an article's partitions a reader's rating is in."""
    return hashlib.sha256(reader.encode()).digest()[0] % RATING_SHARDS


def article_of(pk: str) -> ArticleKey:
    """Return the article in a partition key: its third part."""
    return ArticleKey(pk.split("|", 3)[2])


def comment_sort_key(path: tuple[str, ...]) -> str:
    """Return where a public comment stands below its article: `C#{root}~`, `C#{root}#{reply}~` and so on.

    `path` holds the root's order id, then the inverted ones of the replies down to this one.
    """
    return COMMENTS + "#".join(path) + ROOT_END


def thread_start(root: str) -> str:
    """Return what sorts before every reply of a thread."""
    return f"{COMMENTS}{root}#"


def root_of(sort_key: str) -> str:
    """Return the root's order id from the sort key of any comment of its thread."""
    return sort_key[len(COMMENTS) :].split("#", 1)[0].rstrip(ROOT_END)


def below(sort_key: str) -> str:
    """Return the greatest sort key below one, for ranges whose ends are included.

    All our letters lie below U+007F: the last one lowered and followed by it stands above all that is lower.
    """
    return sort_key[:-1] + chr(ord(sort_key[-1]) - 1) + "\x7f"


@dataclass(frozen=True, slots=True)
class Keys:
    """The partition keys of one site; sort keys that are constant stand beside them."""

    site: str

    def article(self, article_id: str) -> str:
        """Summary (`~`) and approved comments (`C#…`): the only partition the public reads."""
        return f"{self.site}|A|{article_key(article_id)}"

    def ranking(self, article_id: str) -> str:
        """Index by_rank: the roots of an article, best first."""
        return f"{self.site}|B|{article_key(article_id)}"

    def comment(self, comment_id: str) -> str:
        """The private record (`P`), the texts it had before (`R#{revision}`), the pointer while it waits (`Q`)."""
        return f"{self.site}|P|{comment_id}"

    def votes(self, comment_id: str) -> str:
        """Each reader's vote for a comment, under the reader's mark, and how many there are (`~`)."""
        return f"{self.site}|W|{comment_id}"

    def reports(self, comment_id: str) -> str:
        """Each reader's report on a comment, under the reader's mark."""
        return f"{self.site}|F|{comment_id}"

    def ratings(self, article_id: str, shard: int) -> str:
        """One reader's rating, under the reader's mark, in one of 16 partitions an article."""
        return f"{self.site}|V|{article_key(article_id)}|{shard:x}"

    def shard(self, article_id: str, number: int) -> str:
        """A part of a hot article's tally (`N`)."""
        return f"{self.site}|N|{article_key(article_id)}|{number}"

    def hot(self) -> str:
        """Index by_owner: the summaries of hot articles."""
        return f"{self.site}|N"

    def author(self, author: str) -> str:
        """What moderators did with an author's comments (`~`); index by_owner: the comments."""
        return f"{self.site}|U|{author}"

    def tray(self, tray: str) -> str:
        """Index by_rank: the comments that wait, are spam, rejected, deleted or approved."""
        return f"{self.site}|Q|{tray}"

    def risk(self) -> str:
        """Index by_rank: what points to the comments that wait, riskiest first."""
        return f"{self.site}|Q|risk"

    def log(self, month: str) -> str:
        """The log of one month (`2026-11`), under ids that sort by time."""
        return f"{self.site}|L|{month}"

    def events(self, month: str) -> str:
        """What happened to comments in one month without a decision, under ids that sort by time."""
        return f"{self.site}|E|{month}"

    def history(self, comment_id: str) -> str:
        """Index by_owner: the log entries about one comment."""
        return f"{self.site}|H|{comment_id}"

    def limit(self, scope: str, mark: str) -> str:
        """One allowance (`T`)."""
        return f"{self.site}|T|{scope}|{mark}"

    def repeats(self, fingerprint: str) -> str:
        """How often a text was sent lately (`T`)."""
        return f"{self.site}|T|text|{fingerprint}"

    def alike(self, key: str) -> str:
        """Up to 16 comments sent lately that share one of their keys (`T`)."""
        return f"{self.site}|T|like|{key}"

    def once(self, mark: str) -> str:
        """What an idempotency key remembers (`I`)."""
        return f"{self.site}|I|{mark}"

    def lists(self) -> str:
        """Blocks and terms (`{kind}|{value}`)."""
        return f"{self.site}|X"

    def article_rules(self) -> str:
        """Articles' own rules, under the article as it stands in keys."""
        return f"{self.site}|R"

    def people(self) -> str:
        """Who may sign in (`P#{name}`), their tokens and sessions (`T#{digest}`)."""
        return f"{self.site}|O"

    def model(self) -> str:
        """What the site has learned: the version in force (`CUR`), each one (`MODEL#{version}#{chunk}`)."""
        return f"{self.site}|M"

    def site_policy(self) -> str:
        """The site's policy (`CFG`), the newest entry about the site (`HEAD`), the keys of the day (`DAY#{day}`)."""
        return f"{self.site}|S"
