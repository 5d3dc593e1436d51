"""Everything the service refuses to do, one tree, each with a stable code.

    Refusal
    ├── Unreadable              the request cannot be understood
    ├── NotSignedIn             no credential, or one that does not verify
    │   ├── ReaderTokenInvalid
    │   └── EditTokenInvalid
    ├── Forbidden
    │   ├── CommentsClosed
    │   └── EditTimeOver
    ├── NotFound
    ├── Conflict                the thing is not as the caller saw it
    │   ├── AlreadyDecided
    │   ├── MoveNotAllowed
    │   ├── AlreadySubmitted
    │   ├── AlreadyAppealed
    │   └── LegacyFrozen
    ├── TooLarge
    ├── UnsupportedMediaType
    ├── Invalid                 readable but refused
    │   ├── CursorInvalid
    │   └── KeyReused
    ├── LimitReached            carries when to try again
    └── Unavailable             a dependency is away; carries when to try again

A refusal is not a failure. `Stale`, and its kind `Crowded`, stand apart: a store raises them when the row is
no longer as it was read, and the use case reads again; no caller over HTTP ever sees them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `pointer` is a JSON Pointer (RFC 6901) into the request body."""

    pointer: str
    detail: str


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """Base of all refusals: `detail` is one plain sentence for a person and holds nothing private."""

    code = "refused"
    title = "Refused"

    def __init__(self, detail: str, *, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class Unreadable(Refusal):
    """The request is not what its content type says."""

    code = "unreadable"
    title = "The request cannot be read"


class NotSignedIn(Refusal):
    """A moderator's token is missing, unknown, expired or revoked."""

    code = "not_signed_in"
    title = "Not signed in"


class ReaderTokenInvalid(NotSignedIn):
    """The `Afterword-Reader` header holds no token of ours."""

    code = "reader_token_invalid"
    title = "The reader token does not verify"


class EditTokenInvalid(NotSignedIn):
    """The credential is no edit token of this comment."""

    code = "edit_token_invalid"
    title = "The edit token does not verify"


class Forbidden(Refusal):
    """Signed in, or no sign-in would help, and still not allowed."""

    code = "forbidden"
    title = "Not allowed"


class CommentsClosed(Forbidden):
    """The policy of the site or the article takes no comments."""

    code = "comments_closed"
    title = "Comments are closed"


class EditTimeOver(Forbidden):
    """The minutes in which an author may change a comment are over."""

    code = "edit_time_over"
    title = "Too late to change it"


class NotFound(Refusal):
    """No such path or comment."""

    code = "not_found"
    title = "Not found"


class Conflict(Refusal):
    """The thing is not in the state the caller saw."""

    code = "conflict"
    title = "Changed in between"


class AlreadyDecided(Conflict):
    """Somebody decided first, or the text has moved on; the detail says who and when."""

    code = "already_decided"
    title = "Changed in between"


class MoveNotAllowed(Conflict):
    """The table of moves does not lead from this state by this action."""

    code = "move_not_allowed"
    title = "This cannot be done from here"


class AlreadySubmitted(Conflict):
    """This reader sent this very text here before, and it was not let through."""

    code = "already_submitted"
    title = "Sent before"


class AlreadyAppealed(Conflict):
    """The author has appealed before; there is one appeal a comment."""

    code = "already_appealed"
    title = "Appealed before"


class LegacyFrozen(Conflict):
    """An article's ratings from elsewhere are brought in once, and never replaced."""

    code = "legacy_frozen"
    title = "Brought in before"


class TooLarge(Refusal):
    """The body is larger than 64 KiB."""

    code = "body_too_large"
    title = "The body is too large"


class UnsupportedMediaType(Refusal):
    """The body's content type is none that this path reads."""

    code = "unsupported_media_type"
    title = "This content type is not read here"


class Invalid(Refusal):
    """Readable, but a field or the article id is not acceptable."""

    code = "invalid"
    title = "Something in the request is not acceptable"


class CursorInvalid(Invalid):
    """The cursor was not made by us, or for another article or order."""

    code = "cursor_invalid"
    title = "The cursor does not verify"


class KeyReused(Invalid):
    """The `Idempotency-Key` came before with another request."""

    code = "idempotency_key_reused"
    title = "This idempotency key was used for another request"


class LimitReached(Refusal):
    """Too often; `retry_after` is whole seconds until one more is allowed."""

    code = "limit_reached"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """A dependency is away or overloaded; nothing was half done, try again after `retry_after` seconds."""

    code = "unavailable"
    title = "Not available right now"

    def __init__(
        self, detail: str = "The service is busy. Please try again in a moment.", *, retry_after: int = 2
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Stale(Exception):  # noqa: N818 - a signal between store and use case, answered by reading again
    """The row is no longer as it was read; `reasons` holds what each step of the refused write says."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


class Crowded(Stale):
    """The step may be right, and met too many others at the same row: it collided there, or was throttled."""
