"""Domains: makes the file of disposable email domains that ships, from the list of disposable-email-domains (CC0)."""

import sys
from pathlib import Path

from chalicelib.spam.disposable import Disposable, packed

TARGET = Path(__file__).parents[2] / "chalicelib" / "spam" / "words" / "disposable.bin"
LARGEST = 40_000
"""Bytes; the whole service is read from one zip when it starts."""
# fmt: off
WELL_KNOWN = frozenset(
    (
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "msn.com",
        "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.co.in", "aol.com", "icloud.com", "me.com",
        "mac.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "t-online.de", "freenet.de", "orange.fr",
        "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "mail.ru", "yandex.ru", "qq.com",
        "163.com", "naver.com", "btinternet.com", "sky.com", "virginmedia.com", "ntlworld.com", "talktalk.net",
        "comcast.net", "verizon.net", "att.net", "proton.me", "protonmail.com", "fastmail.com", "zoho.com",
        "tutanota.com", "nhs.net", "rediffmail.com", "uol.com.br", "wp.pl",
    )
)
# fmt: on
"""No hash of the file may stand for one of these."""


def domains(listed: str) -> set[str]:
    """Return the domains of a list, one to a line, without those that are part of another one."""
    names = {line.strip().lower() for line in listed.splitlines() if line.strip() and not line.startswith("#")}
    return {name for name in names if not any(above in names for above in _above(name))}


def _above(name: str) -> list[str]:
    labels = name.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels) - 1)]


def main(arguments: list[str]) -> int:
    """Write the file from the list named on the command line."""
    names = domains(Path(arguments[0]).read_text(encoding="utf-8"))
    data = packed(names)
    made = Disposable(data)
    wrong = sorted(name for name in WELL_KNOWN if name in made)
    if wrong or len(data) > LARGEST:
        print(f"Not written: {len(data)} bytes, and it holds {wrong or 'no well-known domain'}.", file=sys.stderr)
        return 1
    TARGET.write_bytes(data)
    print(f"{len(names)} domains in {len(data)} bytes: {TARGET.name}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the command and the list
        sys.exit("Usage: python -m tools.spam.domains LIST")
    sys.exit(main(sys.argv[1:]))
