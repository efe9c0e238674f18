"""Settings: read once, documented, never guessed."""

from dataclasses import fields
from pathlib import Path

import pytest

from jarvis_admin.config import MissingSetting, Settings

README = Path(__file__).parents[1] / "README.md"
NEEDED = {
    "SECRET_KEY": "k" * 32,
    "DATABASE_URL": "sqlite:////data/never-opened.db",
    "FLY_API_TOKEN": "fm2_secret",
    "FLY_ORG": "my-jarvis",
}


@pytest.mark.parametrize("setting", [field.name.upper() for field in fields(Settings)])
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"| {setting} |" in README.read_text()


@pytest.mark.parametrize("name", NEEDED)
def test_a_process_does_not_start_without(name: str) -> None:
    with pytest.raises(MissingSetting, match=name):
        Settings.from_env({**NEEDED, name: ""})


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_can_be_set_from_the_environment(field: str) -> None:
    usual = Settings.from_env(NEEDED)
    given = "7" if not isinstance(getattr(usual, field), bool) else "false"

    changed = Settings.from_env({**NEEDED, field.upper(): given})

    assert getattr(changed, field) != getattr(usual, field)


def test_secrets_stay_out_of_the_repr() -> None:
    said = repr(Settings.from_env(NEEDED))

    assert "fm2_secret" not in said
    assert NEEDED["SECRET_KEY"] not in said


@pytest.mark.parametrize(("environment", "drills"), [("production", 2), ("development", 1)])
def test_production_drills_twice_as_much(environment: str, drills: int) -> None:
    assert Settings.from_env({**NEEDED, "ENVIRONMENT": environment}).drills_at_once == drills
