"""The rules a site owner chose: who may publish at once, how often one may write, what a comment needs."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator

from chalicelib.text import LINE_PATTERN, bad_line_character, is_blank

Mode = Literal["premoderate", "trust", "open", "closed"]

MOST_LANGUAGES = 20
_DAY = 86_400
_CASES: dict[int, Callable[[str], str]] = {2: str.upper, 4: str.capitalize}


def _line(value: str) -> str:
    problem = "Please write something." if is_blank(value) else bad_line_character(value)
    if problem:
        raise ValueError(problem)
    return value


LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
"""One line that shows something, as nearly as JSON Schema can say it."""
Line = AfterValidator(_line)
TermValue = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra=LINE), Line]
"""A term of the site's list: a word or a few, found whole."""


def _tag(value: str) -> str:
    """Return a language's tag as it is usually written: `pt-BR`, `zh-Hant-TW` (RFC 5646, 2.1.1)."""
    first, *rest = value.lower().split("-")
    return "-".join([first, *(_CASES.get(len(part), str)(part) for part in rest)])


def _distinct(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


LANGUAGE_PATTERN = (
    "^[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    "(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3})){0,2}$"
)
"""A language's tag without extensions and private subtags (BCP 47): language, script, region, variants."""
LanguageTag = Annotated[str, Field(max_length=35, pattern=LANGUAGE_PATTERN), AfterValidator(_tag)]


class Rules(BaseModel):
    """What somebody decides on: never changed in place, and without a field or a type of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Rate(Rules):
    """At most `count` times in `seconds`."""

    count: Annotated[int, Field(ge=1, le=1_000_000)]
    seconds: Annotated[int, Field(ge=1, le=30 * _DAY)]


class Rates(Rules):
    """How often one reader and one network (/24, /64) may do a thing; null is no limit."""

    reader: Rate | None = None
    network: Rate | None = None


class Limits(Rules):
    """How often each kind of write is taken. The network's limit on ratings counts readers who are new to us."""

    comments: Rates = Rates()
    ratings: Rates = Rates()
    votes: Rates = Rates()
    reports: Rates = Rates()


class Thresholds(Rules):
    """The scores from which a comment is held for a person, and from which it is called spam."""

    hold: Annotated[int, Field(ge=1, le=10_000)] = 50
    spam: Annotated[int, Field(ge=1, le=10_000)] = 100

    @field_validator("spam")
    @classmethod
    def _not_below_hold(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("hold", 1):
            msg = "the spam threshold cannot lie below the hold threshold"
            raise ValueError(msg)
        return value


class HelpLink(Rules):
    """One place to find help."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    url: Annotated[str, Field(pattern=r"^(https?|tel|mailto):[^\s\x00-\x1f\x7f]+$", max_length=2048)]


class Help(Rules):
    """What helps in an emergency, in words and links."""

    title: Annotated[str, Field(min_length=1, max_length=200)] = "You are not alone"
    text: Annotated[str, Field(min_length=1, max_length=2000)] = (
        "If you or somebody near you is in danger now, call your local emergency number. Do not stop a medicine "
        "suddenly because of something you read here: ask a doctor or a pharmacist first."
    )
    links: Annotated[list[HelpLink], Field(max_length=20)] = [
        HelpLink(title="Find a helpline in your country", url="https://findahelpline.com/"),
    ]


class HelpRules(Help):
    """What an author reads at once whose comment is urgent, and whether it stands beside the form before that."""

    beside_form: bool = False

    @property
    def shown(self) -> Help:
        """What readers see of it."""
        return Help(title=self.title, text=self.text, links=self.links)


class SharedRules(Rules):
    """The rules that a site has and an article may have of its own."""

    mode: Mode = "premoderate"
    trust_after: Annotated[int, Field(ge=1, le=1000)] = 3
    thresholds: Thresholds = Thresholds()
    require_consent: bool = True
    max_length: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    challenge: Literal["never", "suspicious", "always"] = "never"
    reports_to_hide: Annotated[int, Field(ge=1, le=1000)] = 3
    close_after_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    edits: Literal["withdraw", "keep"] = "withdraw"
    help: HelpRules = HelpRules()
    languages: Annotated[list[LanguageTag], Field(max_length=MOST_LANGUAGES), AfterValidator(_distinct)] = []


class Policy(SharedRules):
    """A site's rules, as a moderator reads and patches them (RFC 7396)."""

    limits: Limits = Limits()
    reply_as: Annotated[str, Field(min_length=1, max_length=80, json_schema_extra=LINE), Line] = "The editors"


DEFAULT = Policy(
    limits=Limits(
        comments=Rates(reader=Rate(count=30, seconds=600), network=Rate(count=600, seconds=3600)),
        ratings=Rates(reader=None, network=Rate(count=2000, seconds=3600)),
        votes=Rates(reader=Rate(count=120, seconds=600), network=Rate(count=2000, seconds=3600)),
        reports=Rates(reader=Rate(count=20, seconds=3600), network=Rate(count=200, seconds=3600)),
    ),
)
"""Hold everything for a person. The network's limits leave room for an office or a ward behind one address."""


def merged(document: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the document with a JSON Merge Patch applied (RFC 7396); neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patched(policy: Policy, patch: Any) -> Policy:  # noqa: ANN401 - any JSON
    """Return the policy with the patch applied: null takes a limit away, or sets a rule back to its default.

    Raises pydantic's ValidationError when the result is no policy.
    """
    changed = merged(policy.model_dump(mode="json"), patch)
    if isinstance(changed, dict):
        changed.setdefault("limits", DEFAULT.limits.model_dump(mode="json"))
    return Policy.model_validate(changed)


def patch_schema(schema: dict[str, Any]) -> None:
    """Describe a patch in a JSON Schema: every member of the policy, each of which may be left out or null."""
    describe_patch(schema, Policy)


def describe_patch(schema: dict[str, Any], document: type[BaseModel]) -> None:
    """Describe a patch of a document in a JSON Schema."""
    whole = document.model_json_schema()
    schema |= _partial(whole, whole["$defs"])
    schema["additionalProperties"] = False


def _partial(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return {"anyOf": [_partial(each, definitions) for each in schema["anyOf"]]}
    if "properties" in schema:
        members = {
            name: {"anyOf": [_partial(each, definitions), {"type": "null"}]}
            for name, each in schema["properties"].items()
        }
        return {"type": "object", "properties": members, "additionalProperties": False}
    if "$ref" in schema.get("items", {}):  # a patch replaces an array whole (RFC 7396, 1)
        schema = {**schema, "items": definitions[schema["items"]["$ref"].rpartition("/")[2]]}
    return {name: value for name, value in schema.items() if name not in {"default", "title"}}
