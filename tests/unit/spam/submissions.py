"""Submissions for the tests of the checks: innocent but for what the test says."""

from chalicelib.spam import Facts, FormTime, Submission

GENUINE = FormTime("genuine", 60)


def submission(
    text: str = "Thank you, this helped me understand my medicine.",
    *,
    name: str | None = "Ann",
    email: str | None = None,
    website: str | None = None,
    form: FormTime = GENUINE,
    trap: str = "",
    facts: Facts | None = None,
) -> Submission:
    return Submission(text, name, email, website, form, trap, facts or Facts())
