"""Endpoints to read and change the site's policy."""

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.patience import pause
from chalicelib.policies import patch_policy
from chalicelib.policy import Policy, patch_schema
from chalicelib.routes.body import PATCH_TYPES
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of
from chalicelib.routes.problem import invalid


class PolicyPatch(BaseModel):
    """A JSON Merge Patch of the policy (RFC 7396): only what changes; null lifts a limit or restores a default."""

    model_config = ConfigDict(frozen=True, extra="allow", json_schema_extra=patch_schema)


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on the policy."""
    service = endpoints.service

    @endpoints.endpoint(
        "GET",
        "/v1/admin/policy",
        answers={200: Policy},
        access="moderator",
        refuses=(401, 422, 503),
    )
    def get_policy(call: Call) -> Answer:
        """Read the site's policy."""
        return Answer(service.stores.policies.policy_row(None, call.now).policy)

    @endpoints.endpoint(
        "PATCH",
        "/v1/admin/policy",
        answers={200: Policy},
        access="owner",
        body=PolicyPatch,
        takes=PATCH_TYPES,
        refuses=MODERATOR_WRITES,
    )
    def patch_site_policy(call: Call) -> Answer:
        """Change the site's policy by a JSON Merge Patch."""
        try:
            changed = patch_policy(
                service.stores.policies,
                call.body.model_extra,
                moderator_of(call),
                once=call.once,
                now=call.now,
                randomness=service.randomness(),
                pause=pause,
            )
        except ValidationError as error:
            raise invalid(error) from None
        return Answer(changed)
