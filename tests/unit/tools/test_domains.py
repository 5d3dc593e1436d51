from pathlib import Path

import pytest

from chalicelib.spam.disposable import Disposable
from tools.spam import domains


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    target = tmp_path / "disposable.bin"
    monkeypatch.setattr(domains, "TARGET", target)
    return target


def test_a_list_becomes_a_file_without_what_is_part_of_another_domain(tmp_path: Path, target: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("# made up\nlent.example\nmore.lent.example\n\nGone.example\n", encoding="utf-8")

    assert domains.main([str(listed)]) == 0
    assert domains.domains(listed.read_text(encoding="utf-8")) == {"lent.example", "gone.example"}
    made = Disposable(target.read_bytes())
    assert "more.lent.example" in made
    assert "other.example" not in made


def test_a_list_with_a_well_known_domain_is_refused(tmp_path: Path, target: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("gmail.com\n", encoding="utf-8")

    assert domains.main([str(listed)]) == 1
    assert not target.exists()
