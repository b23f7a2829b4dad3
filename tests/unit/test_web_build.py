"""The web application is built where its sources have changed, once; where it cannot be, that is said."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BUILD = Path(__file__).resolve().parents[2] / "web" / "build.py"


@pytest.fixture
def commands() -> list[tuple[str, ...]]:
    """What was run."""
    return []


@pytest.fixture
def web(tmp_path: Path, commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The builder, in a project of its own, with a Node that only notes what it is told."""
    specification = importlib.util.spec_from_file_location("web_build", BUILD)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    folder, built = tmp_path / "web", tmp_path / "static"
    for name in (*module._CONFIGURATION, "src/main.tsx", "src/main.test.tsx"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (folder / "node_modules").mkdir()
    built.mkdir()
    places = {"WEB": folder, "BUILT": built, "BUILD_STAMP": built / "stamp"}
    for name, value in {**places, "INSTALL_STAMP": folder / "node_modules" / "stamp"}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "require_node", lambda: None)
    monkeypatch.setattr(module, "run", lambda *command, **_: commands.append(command))
    return module


def tasks(commands: list[tuple[str, ...]]) -> list[str]:
    """The commands' last words, and forget them."""
    said = [" ".join(command[3:]) for command in commands]
    commands.clear()
    return said


INSTALL = "ci --ignore-scripts --no-audit --no-fund"
VITE = "run --silent build"


def test_it_is_built_once(web: ModuleType, commands: list[tuple[str, ...]]) -> None:
    web.build()
    assert tasks(commands) == [INSTALL, VITE]
    web.build()
    assert tasks(commands) == []


def test_a_changed_source_builds_it_anew_and_a_changed_test_does_not(
    web: ModuleType, commands: list[tuple[str, ...]]
) -> None:
    web.build()
    tasks(commands)
    (web.WEB / "src" / "main.test.tsx").write_text("another test")
    web.build()
    assert tasks(commands) == []
    (web.WEB / "src" / "main.tsx").write_text("another page")
    web.build()
    assert tasks(commands) == [VITE]
    (web.WEB / "package-lock.json").write_text("another version")
    web.build()
    assert tasks(commands) == [INSTALL, VITE]


def test_everything_that_the_configuration_imports_counts_as_a_source(web: ModuleType) -> None:
    configuration = (BUILD.parent / "vite.config.ts").read_text()
    beside = {path.name for path in BUILD.parent.glob("*.ts") if f"'./{path.stem}'" in configuration}
    assert beside
    assert beside <= set(web._CONFIGURATION)


def test_a_build_that_failed_is_tried_again(
    web: ModuleType, commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*command: str, **_: object) -> None:
        if "build" in command:
            raise web.subprocess.CalledProcessError(1, command)

    with monkeypatch.context() as patched:
        patched.setattr(web, "run", fail)
        with pytest.raises(web.subprocess.CalledProcessError):
            web.build()
    web.build()
    assert tasks(commands) == [VITE]


def test_without_node_it_says_what_to_install_and_the_server_may_start(
    web: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise web.CannotBuildError("需要 Node.js / it takes Node.js")

    monkeypatch.setattr(web, "require_node", missing)
    monkeypatch.setattr(sys, "argv", ["build.py", "--if-possible"])
    assert web.main() == 0
    assert "Node.js" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["build.py"])
    assert web.main() == 1


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.3", ""])
def test_an_old_node_is_named(web: ModuleType, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(web.shutil, "which", lambda name: f"/usr/bin/{name}" if version else None)
    answer = web.subprocess.CompletedProcess([], 0, stdout=f"{version}\n")
    monkeypatch.setattr(web.subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(web.CannotBuildError, match=r"20\.19"):
        web.require_node()


def test_stale_types_fail_the_check_and_are_written_anew(web: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    types = web.WEB / "src" / "api" / "schema.d.ts"
    types.parent.mkdir()
    types.write_text("as it was")
    monkeypatch.setattr(web, "write_types", lambda: types.write_text("as the API is"))
    with pytest.raises(web.CannotBuildError, match=r"schema\.d\.ts"):
        web.check()
    web.check()
