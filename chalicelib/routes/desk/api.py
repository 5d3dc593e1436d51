"""The API, asked in place: a page shows, and a form does, just what the endpoint of that name would."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from chalicelib.errors import Forbidden
from chalicelib.routes.endpoint import Call, Endpoints, adapter
from chalicelib.routes.problem import invalid


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints of the service, by the names of their views."""

    endpoints: Endpoints

    def ask(
        self, call: Call, name: str, *, path: dict[str, str] | None = None, query: object = None, body: object = None
    ) -> Any:  # noqa: ANN401 - the endpoint's own shape
        """Return what the endpoint answers whoever made the call, as JSON has it.

        Texts stand for numbers and truth values, as forms and addresses have them. Raises what the endpoint refuses.
        """
        endpoint, view = self.endpoints.views[name]
        if endpoint.access == "owner" and (call.moderator is None or call.moderator.role != "owner"):
            raise Forbidden("Only an owner may do this.")
        asked = replace(
            call,
            path=path or {},
            query=_read(endpoint.query, query or {}),
            body=None if endpoint.body is None else _read(endpoint.body, body),
            is_form=False,
        )
        answer = view(asked)
        return adapter(endpoint.answers[answer.status]).dump_python(answer.value, mode="json", by_alias=True)


def _read(shape: Any, values: object) -> Any:  # noqa: ANN401 - any shape
    try:
        return adapter(shape).validate_python(values, strict=False)
    except ValidationError as error:
        raise invalid(error) from None
