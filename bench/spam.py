"""Measure what the verdict finds of spam and of people in need, in texts that nothing was fitted on, and its cost.

Spam: recall at 0.5 and 1% false alarms over honest comments under articles, each source of spam left out of the
training in turn, beside multinomial naive Bayes trained on the same texts; area under the curve and calibration by
five folds; the learning curve of a site's own decisions. Safety: recall and precision of each reason, hand by hand
left out. The labelled sets are not part of the project: AFTERWORD_SPAM_DATA names their folder; without them only time
and size are measured, and the exit code is 3.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bench.command import Found, options, table
from chalicelib.spam import judge
from chalicelib.spam.learning import Example, described
from chalicelib.spam.learning import fit as learn
from chalicelib.spam.prior import FILE
from chalicelib.spam.safety import REASONS
from tools.spam.features import Features, features, load_vectors
from tools.spam.figures import NEEDS, area, calibration_error, in_english, right_reason
from tools.spam.fitting import fit
from tools.spam.texts import ARTICLE_COMMENTS, SETS, Text, folder, labelled, voices
from tools.spam.training import (
    GROUPS,
    SPAM_STRENGTH,
    bars,
    calibrated,
    cut,
    folds,
    for_safety,
    groups_of,
    held_out,
    honest_mix,
    is_spam,
    safety_held_out,
    safety_labels,
)

SOURCES = ("domain", "youtube", "sms", "se_spam", "tgspam")
"""The sets that hold spam; each is left out in turn, its honest texts with it."""
RATES = (0.005, 0.01)
HONEST_FOLDS = 3
DECISIONS = (10, 50, 200, 1000)
LENGTH = 500
VERDICTS = 300
ROUNDS = 5
NO_DATA = 3
_FIRST_VERDICT = (
    "import time; start = time.perf_counter(); from chalicelib.spam import score; score({'text': 'x'}); "
    "print(time.perf_counter() - start)"
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Scorer = Callable[[Any], Any]
"""Takes the mask of the texts to be fitted on, returns a score for each text."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    chosen = options("spam", __doc__).parse_args(arguments)
    where = folder()
    figures, how = (
        cost(),
        {"cost": f"judge() on {VERDICTS} texts cut to {LENGTH} characters, median of {ROUNDS} rounds"},
    )
    if where is not None:
        data = _data([*labelled(where), *voices()])
        for name, measure in (("spam", spam), ("folds", by_folds), ("learning", curve), ("safety", safety)):
            _say(name)
            found, words = measure(data)
            figures |= found
            how[name] = words
    else:
        sys.stderr.write(
            "The labelled sets are absent (AFTERWORD_SPAM_DATA names their folder): only cost is measured.\n"
        )
    found = Found(figures={name: round(float(value), 4) for name, value in figures.items()}, how=how)
    sys.stdout.write((json.dumps(found, indent=2, allow_nan=False) if chosen.json else report(found)) + "\n")
    return 0 if where is not None else NO_DATA


def _say(words: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"{words} ...\n")


@dataclass(frozen=True, slots=True)
class Data:
    """All texts with their features, and what is known of each."""

    texts: list[Text]
    rows: Features
    spam: Any
    source: Any
    honest: Any
    """Honest comments under articles: what false alarms are counted over."""


def _data(texts: list[Text]) -> Data:
    source = np.array([text.source for text in texts])
    spam_of = is_spam(texts)
    honest = np.array([text.label == "ham" and text.source in ARTICLE_COMMENTS for text in texts])
    return Data(texts, features(texts, load_vectors()), spam_of, source, honest)


def spam(data: Data) -> tuple[dict[str, float], dict[str, Any]]:
    """Leave out each source in turn: ours, and naive Bayes on the same texts."""
    ours = [_without(data, source, _ours(data)) for source in SOURCES]
    bayes = [_without(data, source, _bayes(data)) for source in SOURCES]
    figures = {}
    for name, found in (("", ours), ("nb_", bayes)):
        for at, rate in enumerate(("05", "10")):
            figures[f"{name}macro_recall_{rate}"] = float(np.mean([recall[at] for recall in found]))
            figures |= {
                f"{name}recall_{rate}_{source}": recall[at] for source, recall in zip(SOURCES, found, strict=True)
            }
    how = {
        "texts": {name: int((data.source == name).sum()) for name in SETS} | {"own": len(voices())},
        "way": f"each source left out whole, honest comments in {HONEST_FOLDS} folds; own texts in every training, "
        "also that of naive Bayes (scikit-learn's MultinomialNB on word counts)",
    }
    return figures, how


def _ours(data: Data) -> Scorer:
    return lambda chosen: fit(data.rows.rows(chosen), data.spam[chosen], strength=SPAM_STRENGTH).nats(data.rows)


def _bayes(data: Data) -> Scorer:
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - slow to import, and only needed here
    from sklearn.naive_bayes import MultinomialNB  # noqa: PLC0415

    texts = np.array([text.text for text in data.texts], dtype=object)

    def scores(chosen: Any) -> Any:  # noqa: ANN401 - arrays
        counts = CountVectorizer().fit(texts[chosen])
        model = MultinomialNB().fit(counts.transform(texts[chosen]), data.spam[chosen])
        logs = model.predict_log_proba(counts.transform(texts))
        return logs[:, 1] - logs[:, 0]

    return scores


def left_out(source: Any, honest: Any, name: str) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - arrays
    """Yield for each fold which texts are fitted on, which honest ones are judged; none of `name`."""
    fold = folds(len(source), HONEST_FOLDS)
    for number in range(HONEST_FOLDS):
        inside = honest & (fold == number)
        yield (source != name) & ~inside, inside


def _without(data: Data, source: str, scorer: Scorer) -> list[float]:
    """Return the recall on a source's spam at each rate of false alarms, by scores that saw neither side of it."""
    honest, caught = np.zeros(len(data.texts)), []
    theirs = (data.source == source) & data.spam
    for chosen, inside in left_out(data.source, data.honest, source):
        scores = scorer(chosen)
        honest[inside] = scores[inside]
        caught.append(scores[theirs])
    return [float((np.mean(caught, axis=0) > bar).mean()) for bar in _bars(honest[data.honest])]


def _bars(honest: Any) -> list[float]:  # noqa: ANN401 - array
    """Return the scores that at most so many honest comments lie above."""
    ordered = np.sort(honest)[::-1]
    return [float(ordered[int(rate * len(ordered))]) for rate in RATES]


def by_folds(data: Data) -> tuple[dict[str, float], dict[str, Any]]:
    """Five folds over all texts: area under the curve, calibration, recall."""
    fold = folds(len(data.texts))
    nats = held_out(data.rows, data.spam, fold, SPAM_STRENGTH)
    likely = calibrated(nats, data.spam, fold)
    bar_low, bar_high = _bars(nats[data.honest])
    caught = [(nats[(data.source == source) & data.spam] > bar_low).mean() for source in SOURCES]
    return {
        "auc": area(nats, data.spam),
        "calibration_error": calibration_error(likely, data.spam),
        "cv_macro_recall_05": float(np.mean(caught)),
        "cv_recall_10": float((nats[data.spam] > bar_high).mean()),
    }, {"way": "five folds over all texts; calibrated (Platt) on the other folds; error: over ten bins of probability"}


def curve(data: Data) -> tuple[dict[str, float], dict[str, Any]]:
    """What a site's own decisions add, source by source, to a prior that never saw it: half spam, half honest."""
    figures: dict[str, list[float]] = {f"learned_{count}_recall_05": [] for count in (0, *DECISIONS)}
    for source in SOURCES:
        for count, recall in _learned(data, source).items():
            figures[f"learned_{count}_recall_05"].append(recall)
    means = {name: float(np.mean(found)) for name, found in figures.items() if found}
    return means, {
        "way": "mean over the sources with as much spam; recall on what was not decided, at 0.5% false alarms"
    }


def _learned(data: Data, source: str) -> dict[int, float]:
    order = np.random.default_rng(0).permutation(len(data.texts))
    spam_of = [at for at in order if data.source[at] == source and data.spam[at]]
    honest = [at for at in order if data.honest[at] and data.source[at] != source]
    lessons, rest = honest[: max(DECISIONS) // 2], honest[max(DECISIONS) // 2 :]
    chosen = data.source != source
    chosen[honest] = False
    chosen[lessons] = False
    nats = fit(data.rows.rows(chosen), data.spam[chosen], strength=SPAM_STRENGTH).nats(data.rows)
    found = {}
    for count in (0, *DECISIONS):
        half = count // 2
        if len(spam_of) < half * 1.5:
            continue
        decided = [*spam_of[:half], *lessons[:half]]
        weights = learn([_example(data, at, nats[at]) for at in decided], NOW) if decided else None
        total = {at: nats[at] + (_own(data, at, weights) if weights else 0.0) for at in [*spam_of[half:], *rest]}
        bar, _ = _bars(np.array([total[at] for at in rest]))
        found[count] = float(np.mean([total[at] > bar for at in spam_of[half:]]))
    return found


def _example(data: Data, at: int, nats: float) -> Example:
    text = data.texts[at]
    return Example(f"{at:06}", f"{at:06}", bool(data.spam[at]), NOW, _described(text), float(nats))


def _own(data: Data, at: int, weights: Any) -> float:  # noqa: ANN401 - SiteWeights
    return float(weights.log_odds(weights.total(_described(data.texts[at]))))


def _described(text: Text) -> Any:  # noqa: ANN401 - features
    return described(text.submission.reading, text.author or None, text.email or None, text.url or None)


def safety(data: Data) -> tuple[dict[str, float], dict[str, Any]]:
    """Each hand left out in turn: recall and precision of each reason at the bars that ship."""
    texts = for_safety(data.texts)
    pieces, labels = cut(texts, load_vectors()), safety_labels(texts)
    nats = safety_held_out(pieces, labels, groups_of(texts), _say)
    honest = honest_mix(texts)
    reached = nats >= bars(nats, honest)
    judged = in_english(texts)
    figures = {
        "triage_right_reason": right_reason(reached, labels, judged),
        "triage_false_alarms": float(reached[honest][:, NEEDS].any(axis=1).mean()),
    }
    for number in NEEDS:
        name, true = REASONS[number - 1], judged & labels[:, number]
        figures[f"triage_recall_{name}"] = float(reached[true, number].mean())
        flagged = reached[:, number] & (judged | honest)
        figures[f"triage_precision_{name}"] = float(labels[flagged, number].mean()) if flagged.any() else 0.0
    return figures, {
        "way": f"{GROUPS} groups of hands, each judged by heads fitted on the others; bars set on those scores"
    }


def cost() -> dict[str, float]:
    """CPU of a verdict, size of the file, and the time that the first verdict of a process takes."""
    texts = [text for text in voices() if len(text.text) > LENGTH // 4]
    step = max(1, len(texts) // VERDICTS)
    submissions = [_long(text) for text in texts[::step][:VERDICTS]]
    gc.freeze()  # the texts of the bench are nothing that a function would hold and look through for garbage
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for submission in submissions:
            judge(replace(submission))  # a submission keeps what was read of it
        rounds.append((time.process_time() - start) / len(submissions) * 1e6)
    starts = [float(subprocess.check_output([sys.executable, "-c", _FIRST_VERDICT])) for _ in range(ROUNDS)]  # noqa: S603 - our own
    return {
        "us_per_verdict": float(np.median(rounds)),
        "us_per_verdict_first_round": rounds[0],
        "model_bytes": FILE.stat().st_size,
        "import_ms": 1000 * float(np.median(starts)),
    }


def _long(text: Text) -> Any:  # noqa: ANN401 - Submission
    """Return a submission of exactly so many characters: the text again and again."""
    words = ((text.text + " ") * (LENGTH // len(text.text) + 1))[:LENGTH]
    return Text(
        words[:LENGTH],
        *[getattr(text, name) for name in ("author", "email", "url", "label", "source", "kind", "reasons", "language")],
    ).submission


def report(found: Found) -> str:
    """Return the figures as a table."""
    return "\n".join(table(["figure", "value"], [[name, f"{value:,}"] for name, value in found["figures"].items()]))


if __name__ == "__main__":
    sys.exit(main())
