"""The count of files that a record passes is of the record's own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms_shared.dev import passage


@pytest.mark.parametrize("name", passage.DESTINATIONS)
def test_the_way_of_a_completion_is_counted_from_its_line_to_its_write(name: str, tmp_path: Path) -> None:
    found = passage.walk(name, tmp_path)
    own = f"{name.replace('-', '_')}/learning/"
    assert {"lms_shared/upsert/intake.py", "lms_shared/upsert/plan/plan.py"} <= found
    assert any(path.startswith(own) for path in found)
    assert not [path for path in found if "/dev/" in path or path.endswith("doctor.py")]
