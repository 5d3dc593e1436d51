"""Train the prior: `python -m tools.spam.train`; the same texts give the same file."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chalicelib.spam.prior import CONCERN, FILE, SPAM
from chalicelib.spam.safety import REASONS
from tools.spam.features import HEADS, Vectors, load_vectors
from tools.spam.figures import in_english, right_reason
from tools.spam.fitting import Head, platt
from tools.spam.model_file import pack
from tools.spam.texts import Text, folder, labelled, voices
from tools.spam.training import (
    FALSE_ALARMS,
    Spam,
    bars,
    cut,
    fit_safety,
    for_safety,
    groups_of,
    honest_mix,
    safety_held_out,
    safety_labels,
    train_spam,
)

CONCERNED = 0.995
"""Of the texts that reach the bar of a reason, so many must reach the bar of being asked about reasons at all."""

CREDITS = (
    "Own texts written for this project; YouTube Spam Collection and SMS Spam Collection (Almeida et al., CC BY 4.0); "
    "Charcoal-SE spam archive (Stack Exchange posts, CC BY-SA 3.0); PsyTAR and MeQSum (CC BY 4.0); Civil Comments "
    "(CC0); Wikipedia talk pages (data CC BY 4.0, text CC BY-SA 3.0); tg-spam (MIT). Word vectors distilled from "
    "all-MiniLM-L6-v2 (Apache-2.0) with word frequencies of wordfreq (CC BY-SA 4.0)."
)


def main() -> None:
    """Fit all heads and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the labelled sets (default: AFTERWORD_SPAM_DATA)")
    parser.add_argument("--out", type=Path, default=FILE, help="the file to write (default: the one that ships)")
    arguments = parser.parse_args()
    where = arguments.data or folder()
    if where is None:
        parser.error("The labelled sets are not here: name their folder by --data or AFTERWORD_SPAM_DATA.")
    texts, vectors = [*voices(), *labelled(where)], load_vectors()
    data = trained(texts, vectors)
    arguments.out.write_bytes(data)
    print(f"{arguments.out}: {len(data):,} bytes from {len(texts):,} texts")


def trained(texts: Sequence[Text], vectors: Vectors) -> bytes:
    """Return the file of a prior made from these texts."""
    print("Spam ...", flush=True)
    spam = train_spam(texts, vectors)
    print("Safety ...", flush=True)
    safety, entries, heard = _safety(for_safety(texts), vectors)
    heads = [_calibrated(spam), *safety]
    entry = {"bias": heads[0].bias, "slope": 1.0, "offset": 0.0, "bar": 0.0}
    header: dict[str, Any] = {
        "command": "python -m tools.spam.train",
        "credits": CREDITS,
        "texts": {label: sum(text.label == label for text in texts) for label in ("ham", "spam", "needs-human")},
        "figures": {name: round(value, 4) for name, value in (spam.figures | heard).items()},
        "signals": {
            "weights": _rounded(heads[0].signals),
            "means": _rounded(spam.head.means),
            "spreads": _rounded(spam.head.spreads),
        },
        "heads": {SPAM: entry, **entries},
    }
    if tuple(header["heads"]) != HEADS:
        msg = "The heads are not in the order that the file has."
        raise ValueError(msg)
    grams = [head.grams for head in heads]
    meaning = [vectors.vectors @ head.meaning for head in heads]
    return pack(header, vectors.words, vectors.classes, grams, meaning)


def _calibrated(spam: Spam) -> Head:
    """Return the head with its calibration worked into its weights; the offset of the checks stays as it is."""
    head, slope = spam.head, spam.slope
    return Head(
        grams=head.grams * slope,
        meaning=head.meaning * slope,
        signals=head.signals * slope,
        means=head.means,
        spreads=head.spreads,
        bias=head.bias * slope + spam.offset,
    )


def _safety(
    texts: Sequence[Text], vectors: Vectors
) -> tuple[list[Head], dict[str, dict[str, float]], dict[str, float]]:
    """Return the heads of safety, what the file says of each, and how good they are by hands that were left out."""
    pieces, labels = cut(texts, vectors), safety_labels(texts)
    nats = safety_held_out(pieces, labels, groups_of(texts), lambda words: print(f"  {words}", flush=True))
    bar = bars(nats, honest_mix(texts))
    reached = nats >= bar
    figures = {"right_reason": right_reason(reached, labels, in_english(texts)), "false_alarms": FALSE_ALARMS}
    bar[0] = np.quantile(nats[reached[:, 1:].any(axis=1), 0], 1 - CONCERNED)
    heads = fit_safety(pieces, labels, np.ones(len(texts), bool))
    entries = {}
    for number, (name, head) in enumerate(zip((CONCERN, *REASONS), heads, strict=True)):
        slope, offset = platt(nats[:, number], labels[:, number])
        entries[name] = {"bias": head.bias, "slope": slope, "offset": offset, "bar": float(bar[number])}
    return heads, entries, figures


def _rounded(values: Any) -> list[float]:  # noqa: ANN401 - array
    return [round(float(value), 6) for value in values]


if __name__ == "__main__":
    main()
