"""Script: finds texts in a script that none of the site's languages is written in."""

from chalicelib.language import main_script, scripts_of
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding

POINTS = 10
"""A reader from elsewhere is welcome; much spam only comes from elsewhere."""
LEAST_LETTERS = 12
"""Fewer are a greeting, a name, a term."""

_NAMES = {
    "Latn": "Latin", "Grek": "Greek", "Cyrl": "Cyrillic", "Armn": "Armenian", "Hebr": "Hebrew", "Arab": "Arabic",
    "Deva": "Devanagari", "Beng": "Bengali", "Thai": "Thai", "Geor": "Georgian", "Hang": "Korean", "Kana": "Japanese",
    "Hani": "Chinese",
}  # fmt: skip


def script(submission: Submission) -> Finding | None:
    """Find a text most of whose letters are of a script foreign to all of the site's languages, where it names some."""
    languages = submission.facts.languages
    if not languages:
        return None
    written = main_script(submission.text, LEAST_LETTERS)
    known = [scripts_of(tag) for tag in languages]
    if written is None or not all(known) or any(written in scripts for scripts in known):
        return None
    named = _NAMES.get(written, written)
    return Finding("script", POINTS, f"Written in {named} letters, which none of the site's languages uses.")
