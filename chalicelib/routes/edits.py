"""Endpoints for a comment's author: how it stands, another text, take it away, appeal."""

from chalicelib.drafts import Edit
from chalicelib.edits import Authored, Bench, authored, delete, edit, view
from chalicelib.moderation import Objection, appeal
from chalicelib.patience import pause
from chalicelib.routes.comments import desk
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.service import Service


def register(endpoints: Endpoints) -> None:
    """Register the endpoints for authors."""
    service = endpoints.service
    path = "/v1/comments/{comment_id}"

    @endpoints.endpoint("GET", path, answers={200: Authored}, access="author", refuses=(401, 404, 422, 503))
    def get_comment(call: Call) -> Answer:
        """Read how your comment stands."""
        return Answer(view(_bench(service), call.path["comment_id"], call.now))

    @endpoints.endpoint(
        "PATCH",
        path,
        answers={200: Authored},
        access="author",
        body=Edit,
        refuses=(400, 401, 403, 404, 413, 415, 422, 503),
    )
    def patch_comment(call: Call) -> Answer:
        """Give your comment another text, within 15 minutes."""
        edited = edit(
            _bench(service),
            call.path["comment_id"],
            call.body,
            once=call.once,
            now=call.now,
            randomness=service.randomness(),
        )
        return Answer(edited)

    @endpoints.endpoint("DELETE", path, answers={200: Authored}, access="author", refuses=(401, 403, 404, 422, 503))
    def delete_comment(call: Call) -> Answer:
        """Take your comment away, within 15 minutes."""
        deleted = delete(
            _bench(service), call.path["comment_id"], once=call.once, now=call.now, randomness=service.randomness()
        )
        return Answer(deleted)

    @endpoints.endpoint(
        "POST",
        f"{path}/appeal",
        answers={200: Authored},
        access="author",
        body=Objection,
        refuses=(400, 401, 404, 409, 413, 415, 422, 503),
    )
    def post_appeal(call: Call) -> Answer:
        """Say once why a decision on your comment is wrong: it is looked at again."""
        waits = appeal(
            service.stores.moderation,
            call.path["comment_id"],
            call.body.text,
            once=call.once,
            now=call.now,
            randomness=service.randomness(),
            pause=pause,
        )
        return Answer(authored(waits))


def _bench(service: Service) -> Bench:
    return Bench(desk(service), service.stores.edits, service.stores.moderation)
