"""Endpoints about one comment on the moderators' side: its file, who is looking at it, notes."""

from chalicelib.audit import Decision
from chalicelib.errors import NotFound
from chalicelib.moderation import CaseFile, Claimed, Hand, Note, Viewed, claim, give_up, note, view
from chalicelib.once import Once
from chalicelib.patience import pause
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of
from chalicelib.routes.service import Service

_NO_BODY = (401, 404, 422, 503)


def register(endpoints: Endpoints) -> None:
    """Register the endpoints about one comment."""
    service = endpoints.service
    path = "/v1/admin/comments/{comment_id}"

    @endpoints.endpoint("GET", path, answers={200: CaseFile}, access="moderator", refuses=(401, 404, 422, 503))
    def get_case(call: Call) -> Answer:
        """Read one comment with its context and history."""
        found = service.stores.moderation.case_file(call.path["comment_id"], call.now)
        if found is None:
            raise NotFound("There is no comment with this id.")
        return Answer(found)

    @endpoints.endpoint("POST", f"{path}/claim", answers={200: Claimed}, access="moderator", refuses=_NO_BODY)
    def post_claim(call: Call) -> Answer:
        """Tell the others for ten minutes that you are looking at a comment; it keeps nobody from deciding."""
        return Answer(claim(service.stores.moderation, _hand(service, call)))

    @endpoints.endpoint("DELETE", f"{path}/claim", answers={200: Claimed}, access="moderator", refuses=_NO_BODY)
    def delete_claim(call: Call) -> Answer:
        """Give your claim up."""
        return Answer(give_up(service.stores.moderation, _hand(service, call)))

    @endpoints.endpoint("POST", f"{path}/views", answers={200: Viewed}, access="moderator", refuses=_NO_BODY)
    def post_view(call: Call) -> Answer:
        """Keep in a comment's history that you looked at it, once an hour."""
        hand = _hand(service, call)
        # The same for whoever looks again within the hour, whichever key comes with it.
        sight = service.keyring.mark("view", hand.comment_id, hand.by)
        return Answer(view(service.stores.moderation, hand, Once(sight, sight)))

    @endpoints.endpoint(
        "POST",
        f"{path}/notes",
        answers={200: Decision},
        access="moderator",
        body=Note,
        refuses=(*MODERATOR_WRITES, 404),
    )
    def post_note(call: Call) -> Answer:
        """Leave a note in a comment's history for the other moderators."""
        return Answer(note(service.stores.moderation, _hand(service, call), call.body.text))


def _hand(service: Service, call: Call) -> Hand:
    return Hand(call.path["comment_id"], moderator_of(call), call.once, call.now, service.randomness(), pause)
