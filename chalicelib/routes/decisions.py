"""Endpoints for decisions: one, many at once, and taking one back."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.audit import Decision
from chalicelib.errors import Refusal, Unavailable
from chalicelib.moderation import (
    BulkRuling,
    Case,
    Decided,
    Found,
    ModeratedComment,
    Ruling,
    Rulings,
    Undo,
    decide,
    undo,
)
from chalicelib.once import Once
from chalicelib.patience import pause
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of
from chalicelib.routes.problem import STATUS, Problem, problem
from chalicelib.routes.service import Service


@dataclass(frozen=True, slots=True)
class OneResult:
    """What came of one of many decisions: the status it would have had alone, and the decision or the problem."""

    comment_id: str
    status: int
    comment: ModeratedComment | None
    decision: Decision | None
    problem: Problem | None
    reply: Decided | None = None


@dataclass(frozen=True, slots=True)
class OneUndone:
    """What came of taking one of many decisions back, likewise."""

    decision_id: str
    status: int
    comment: ModeratedComment | None
    decision: Decision | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class BulkUndone:
    """The results of taking many decisions back, in the order in which they were sent."""

    items: list[OneUndone]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The results of many decisions, in the order in which they were sent."""

    items: list[OneResult]


def register(endpoints: Endpoints) -> None:
    """Register the endpoints for decisions."""
    service = endpoints.service

    @endpoints.endpoint(
        "POST",
        "/v1/admin/comments/{comment_id}/decision",
        answers={200: Decided},
        access="moderator",
        body=Ruling,
        refuses=(*MODERATOR_WRITES, 404, 409),
    )
    def post_decision(call: Call) -> Answer:
        """Decide on the revision of a comment that you saw."""
        return Answer(_decide(service, call, call.path["comment_id"], call.body, call.once))

    @endpoints.endpoint(
        "POST",
        "/v1/admin/decisions",
        answers={200: BulkResult},
        access="moderator",
        body=Rulings,
        refuses=MODERATOR_WRITES,
    )
    def post_decisions(call: Call) -> Answer:
        """Decide on up to a hundred comments; each has its own result."""
        rulings: list[BulkRuling] = call.body.items
        onces = [_one_of(call.once, number) for number in range(len(rulings))]
        first = {each.comment_id: once for each, once in reversed(list(zip(rulings, onces, strict=True)))}
        known = service.stores.moderation.look_many(first, call.now)
        # Who decides twice on a comment decides the second time on what came of the first.
        results = [
            _one_of_many(service, call, each, once, known.pop(each.comment_id, None))
            for each, once in zip(rulings, onces, strict=True)
        ]
        _check_one_was_taken(result.status for result in results)
        return Answer(BulkResult(results))

    @endpoints.endpoint(
        "POST",
        "/v1/admin/undo",
        answers={200: Decided | BulkUndone},
        access="moderator",
        body=Undo,
        refuses=(*MODERATOR_WRITES, 404, 409),
    )
    def post_undo(call: Call) -> Answer:
        """Take a decision back, or up to a hundred, while nothing has happened since."""
        wanted: list[str] = call.body.decision_ids
        if not wanted:
            return Answer(_undo(service, call, call.body.decision_id, call.once, None))
        found = _found(service, call, wanted)
        results = [
            _one_undone(service, call, each, _one_of(call.once, number), found.pop(each, None))
            for number, each in enumerate(wanted)
        ]
        _check_one_was_taken(result.status for result in results)
        return Answer(BulkUndone(results))


def _one_of(once: Once | None, number: int) -> Once | None:
    return once and Once(f"{once.mark}.{number}", once.digest)


def _check_one_was_taken(statuses: Iterable[int]) -> None:
    if all(status == STATUS[Unavailable] for status in statuses):
        raise Unavailable


def _found(service: Service, call: Call, decision_ids: list[str]) -> dict[str, Found]:
    """Return what batches bring of many decisions: their entries, and each comment for the first that names it."""
    store = service.stores.moderation
    entries = store.entries(decision_ids)
    asked: dict[str, Once | None] = {}
    first: dict[str, str] = {}
    for number, decision_id in enumerate(decision_ids):
        entry = entries.get(decision_id)
        about = entry.decision.comment_id if entry else None
        if about and about not in asked:
            asked[about], first[decision_id] = _one_of(call.once, number), about
    cases = store.look_many(asked, call.now)
    return {each: Found(entries.get(each), cases.get(first.get(each, ""))) for each in decision_ids}


def _undo(service: Service, call: Call, decision_id: str, once: Once | None, found: Found | None) -> Decided:
    return undo(
        service.stores.moderation,
        decision_id,
        moderator_of(call),
        once=once,
        now=call.now,
        randomness=service.randomness(),
        pause=pause,
        found=found,
    )


def _one_undone(service: Service, call: Call, decision_id: str, once: Once | None, found: Found | None) -> OneUndone:
    """Take one decision back and say what came of it; a refusal concerns that one alone."""
    try:
        undone = _undo(service, call, decision_id, once, found)
    except Refusal as refusal:
        refused = problem(refusal, call.request_id)
        return OneUndone(decision_id, refused.status, None, None, refused)
    return OneUndone(decision_id, HTTPStatus.OK, undone.comment, undone.decision, None)


def _decide(
    service: Service, call: Call, comment_id: str, ruling: Ruling, once: Once | None, known: Case | None = None
) -> Decided:
    return decide(
        service.stores.moderation,
        comment_id,
        ruling,
        moderator_of(call),
        once=once,
        now=call.now,
        randomness=service.randomness(),
        pause=pause,
        known=known,
        reply_as=service.stores.policies.policy().reply_as if ruling.reply else "",
    )


def _one_of_many(service: Service, call: Call, ruling: BulkRuling, once: Once | None, known: Case | None) -> OneResult:
    """Decide on one comment and say what came of it; a refusal concerns that one alone."""
    try:
        decided = _decide(service, call, ruling.comment_id, ruling, once, known)
    except Refusal as refusal:
        refused = problem(refusal, call.request_id)
        return OneResult(ruling.comment_id, refused.status, None, None, refused)
    return OneResult(ruling.comment_id, HTTPStatus.OK, decided.comment, decided.decision, None, decided.reply)
