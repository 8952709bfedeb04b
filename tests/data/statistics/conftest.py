"""Pages without their plots."""

from __future__ import annotations

import pytest

from remotesam.data.statistics import record_report, report


@pytest.fixture
def unplotted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves plots out, which take seconds."""
    for module in (report, record_report):
        monkeypatch.setattr(module, "plot", lambda chart, alternative: f'<img alt="{alternative}">')
