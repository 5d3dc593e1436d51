"""Endpoints for decisions: one, many at once, and taking one back."""

from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.audit import Decision
from chalicelib.errors import Refusal, Unavailable
from chalicelib.moderation import BulkRuling, Decided, ModeratedComment, Ruling, Rulings, Undo, decide, undo
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
        results = [_one_of_many(service, call, each, number) for number, each in enumerate(call.body.items)]
        if all(result.status == STATUS[Unavailable] for result in results):
            raise Unavailable
        return Answer(BulkResult(results))

    @endpoints.endpoint(
        "POST",
        "/v1/admin/undo",
        answers={200: Decided},
        access="moderator",
        body=Undo,
        refuses=(*MODERATOR_WRITES, 404, 409),
    )
    def post_undo(call: Call) -> Answer:
        """Take a decision back, while nothing has happened since."""
        return Answer(
            undo(
                service.stores.moderation,
                call.body.decision_id,
                moderator_of(call),
                once=call.once,
                now=call.now,
                randomness=service.randomness(),
                pause=pause,
            ),
        )


def _decide(service: Service, call: Call, comment_id: str, ruling: Ruling, once: Once | None) -> Decided:
    return decide(
        service.stores.moderation,
        comment_id,
        ruling,
        moderator_of(call),
        once=once,
        now=call.now,
        randomness=service.randomness(),
        pause=pause,
    )


def _one_of_many(service: Service, call: Call, ruling: BulkRuling, number: int) -> OneResult:
    """Decide on one comment and say what came of it; a refusal concerns that one alone."""
    once = call.once and Once(f"{call.once.mark}.{number}", call.once.digest)
    try:
        decided = _decide(service, call, ruling.comment_id, ruling, once)
    except Refusal as refusal:
        refused = problem(refusal, call.request_id)
        return OneResult(ruling.comment_id, refused.status, None, None, refused)
    return OneResult(ruling.comment_id, HTTPStatus.OK, decided.comment, decided.decision, None)
