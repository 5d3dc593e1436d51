"""Endpoints to report a comment to the moderators and to take the report back."""

from chalicelib.patience import pause
from chalicelib.reports import Received, Report, Wish, report, with_token
from chalicelib.routes.allowance import admission
from chalicelib.routes.body import FORM, JSON_TYPES
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.form_answer import to_article
from chalicelib.routes.service import Service

REPORTED = "afterword-reported"


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on reports."""
    service = endpoints.service
    path = "/v1/comments/{comment_id}/reports"
    refuses = (401, 404, 422, 429, 503)

    @endpoints.endpoint(
        "POST",
        path,
        answers={202: Received, 303: None},
        access="reader",
        body=Report,
        takes=(*JSON_TYPES, FORM),
        refuses=(400, 413, 415, *refuses),
    )
    def post_report(call: Call) -> Answer:
        """Report a comment to the moderators."""
        received = _report(service, call, call.body)
        return to_article(call, REPORTED) if call.is_form else _answer(received, call, 202)

    @endpoints.endpoint("DELETE", path, answers={200: Received}, access="reader", refuses=refuses)
    def delete_report(call: Call) -> Answer:
        """Take the report back."""
        return _answer(_report(service, call, None), call, 200)


def _report(service: Service, call: Call, said: Report | None) -> Received:
    assert call.reader  # noqa: S101 - access="reader" brings one
    comment_id, policies = call.path["comment_id"], service.stores.policies

    def to_hide(article_id: str) -> int:
        return policies.rules(article_id).policy(policies.policy()).reports_to_hide

    return report(
        service.stores.reports,
        comment_id,
        service.keyring.comment_mark(call.reader, "report", comment_id),
        Wish(said, to_hide, service.randomness()),
        once=call.once,
        now=call.now,
        pause=pause,
        admit=admission(service, call, "reports"),
    )


def _answer(received: Received, call: Call, status: int) -> Answer:
    if call.reader and call.reader.minted:
        return Answer(with_token(received, call.reader.token), status)
    return Answer(received, status, omit=frozenset({"reader"}))
