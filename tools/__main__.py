"""The way in for `.venv/bin/afterword`, which runs this folder: the owner's command, from wherever it is called."""

import sys
from pathlib import Path

# Python puts this folder first on its path, where `tools` itself cannot be found.
sys.path[0] = str(Path(__file__).parent.parent)

from tools.afterword import main  # noqa: E402

if __name__ == "__main__":
    main()
