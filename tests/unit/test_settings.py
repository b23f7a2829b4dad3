"""Settings: what each variable does, what is refused and how, and where the signing secret comes from."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from server.settings import Profile, Settings, SettingsError, ensure_secret_key


def test_nothing_set_gives_a_production_server_on_loopback() -> None:
    settings = Settings.from_environment({})

    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.profile is Profile.PRODUCTION
    assert settings.database_url is None
    assert settings.var == Path("var").absolute()
    assert not settings.simulators
    assert settings.payment_url is None
    assert settings.log_format == "json"


def test_demo_profile_brings_the_simulators_and_a_movable_clock() -> None:
    settings = Settings.from_environment({"LENDLOOM_PROFILE": "demo", "LENDLOOM_SIMULATORS_PORT": "9999"})

    assert settings.clock_can_move
    assert settings.simulators
    assert settings.payment_url == settings.bureau_url == "http://127.0.0.1:9999"


def test_a_service_of_ones_own_goes_before_the_simulator() -> None:
    settings = Settings.from_environment({"LENDLOOM_PROFILE": "demo", "LENDLOOM_PAYMENT_URL": "https://pay.example/"})

    assert settings.payment_url == "https://pay.example"
    assert settings.bureau_url == "http://127.0.0.1:8090"


def test_the_clock_of_a_production_server_cannot_move() -> None:
    assert not Settings.from_environment({"LENDLOOM_PROFILE": "production"}).clock_can_move


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert Settings.from_environment({"LENDLOOM_PORT": "  "}).port == 8080


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_common_spelling_of_a_database_address_is_taken(scheme: str) -> None:
    settings = Settings.from_environment({"LENDLOOM_DATABASE_URL": f"{scheme}://u:p@h:5433/loans"})

    assert settings.database_url == "postgresql+psycopg://u:p@h:5433/loans"


def test_a_server_that_listens_everywhere_is_reached_on_loopback() -> None:
    assert Settings.from_environment({"LENDLOOM_HOST": "0.0.0.0"}).public_url == "http://127.0.0.1:8080"
    assert Settings.from_environment({"LENDLOOM_HOST": "::1"}).public_url == "http://[::1]:8080"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０８０"),
        ("PROFILE", "staging"),
        ("API_THREADS", "-1"),
        ("DECISION_BATCH_ROWS", "0"),
        ("SIMULATORS", "maybe"),
        ("PAYMENT_URL", "pay.example"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_refused_by_name_in_both_languages(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({f"LENDLOOM_{name}": value})

    message = refusal.value.message
    assert message.code == "settings.bad-value"
    for sentence in (message.zh, message.en):
        assert f"LENDLOOM_{name}" in sentence
        assert value in sentence


@pytest.mark.parametrize(("name", "value"), [("DATABASE_URL", "mysql://u:hunter2@h/x"), ("SECRET_KEY", "hunter2")])
def test_a_refused_secret_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({f"LENDLOOM_{name}": value})

    assert "hunter2" not in refusal.value.message.zh + refusal.value.message.en


def test_another_process_reads_the_same_settings_from_the_environment() -> None:
    given = Settings.from_environment(
        {
            "LENDLOOM_PROFILE": "test",
            "LENDLOOM_PORT": "9000",
            "LENDLOOM_HOST": "0.0.0.0",
            "LENDLOOM_PUBLIC_URL": "https://loans.example",
            "LENDLOOM_DATABASE_URL": "postgresql://u:p%40@h/x",
            "LENDLOOM_VAR": "/srv/lendloom",
            "LENDLOOM_SECRET_KEY": "k" * 40,
            "LENDLOOM_WORKERS": "3",
            "LENDLOOM_DECISION_BATCH_ROWS": "5",
            "LENDLOOM_DECISION_BATCH_MEBIBYTES": "6",
            "LENDLOOM_DECISION_BATCHES_UNFINISHED": "7",
            "LENDLOOM_DECISION_BATCH_DAYS": "8",
            "LENDLOOM_SIMULATORS": "on",
            "LENDLOOM_MESSAGE_URL": "http://sms.example",
            "LENDLOOM_LOG_LEVEL": "DEBUG",
        }
    )

    assert Settings.from_environment(given.to_environment()) == given


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "var")

    first = ensure_secret_key(settings)

    assert len(first) >= 32
    assert ensure_secret_key(settings) == first
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret.key"]


def test_a_secret_that_was_set_leaves_no_file(tmp_path: Path) -> None:
    assert ensure_secret_key(Settings(var=tmp_path, secret_key="s" * 32)) == "s" * 32
    assert not list(tmp_path.iterdir())


def test_many_who_make_the_secret_at_once_end_with_the_same(tmp_path: Path) -> None:
    found: list[str] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.append(ensure_secret_key(Settings(var=tmp_path)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_truncated_secret_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")

    with pytest.raises(SettingsError) as refusal:
        ensure_secret_key(Settings(var=tmp_path))

    assert str(tmp_path / "secret.key") in refusal.value.message.zh
