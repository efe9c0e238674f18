"""What exactly was done stands in the audit trail, in words."""

import pytest

from jarvis_admin.web.audit_details import pairs


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({}, []),
        (
            {"kind": "running", "amount": 9000, "until": "2026-12-01"},
            [("Kind", "running"), ("Amount", "2.5 h"), ("Until", "2026-12-01")],
        ),
        ({"running": [3600, "plan"]}, [("Running", "1 h → plan")]),
        ({"amount_nano": -5_000_000_000}, [("Amount", "−$5.00")]),
        (
            {
                "scenario": "s",
                "before": {"idle_minutes": 30, "x": 1},
                "after": {"idle_minutes": 15, "x": 1},
            },
            [("Idle minutes", "30 → 15")],
        ),
        ({"figures": "x" * 500}, [("Figures", "x" * 160 + "…")]),
    ],
)
def test_details_are_told(details, told):
    assert pairs(details) == told
