"""How a README's console blocks are read and compared: what is told loosely, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .console import Bash, is_as_told, steps_of

README = """\
# Text

```sh
make run
```

```console
$ echo one
one
> not a command
$ LONG=$(echo \\
    two)
$ cat - <<'END'
$ three
END
$ three
```
"""


def test_commands_and_what_they_print_are_read_from_console_blocks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(README)

    assert [(step.command, step.printed, step.line) for step in steps_of(readme)] == [
        ("echo one", "one\n> not a command\n", 8),
        ("LONG=$(echo \\\n    two)", "", 11),
        ("cat - <<'END'\n$ three\nEND", "", 13),
        ("three", "", 16),
    ]


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("", ""),
        ("COMPLETED\n", "COMPLETED\n"),
        ("key   name\n4711  a\n", "key  name\n…    a\n"),
        ("due 2027-01-31T01:00:00.25Z\n", "due 2026-12-22T01:00:00Z\n"),
        ("a\nb\nc\n", "a\n…\nc\n"),
        ("a\nc\n", "a\n…\nc\n"),
    ],
)
def test_what_varies_may_vary(printed: str, told: str) -> None:
    assert is_as_told(printed, told)


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("ACTIVE\n", "COMPLETED\n"),
        ("COMPLETED\nand more\n", "COMPLETED\n"),
        ("", "COMPLETED\n"),
        ("an error\n", ""),
        ("4711  b\n", "…  a\n"),
        ("due never\n", "due 2026-12-22\n"),
        ("5330.94\n", "5330.93\n"),
        ("a\nb\n", "a\n…\nc\n"),
    ],
)
def test_everything_else_may_not(printed: str, told: str) -> None:
    assert not is_as_told(printed, told)


def test_a_session_keeps_its_variables_and_shows_errors(tmp_path: Path) -> None:
    with Bash(tmp_path, {"PATH": "/usr/bin:/bin"}) as bash:
        assert bash.run("CASE=42") == ""
        assert bash.run("echo $CASE; echo wrong >&2; false") == "42\nwrong\n"


def test_a_command_that_does_not_end_is_told(tmp_path: Path) -> None:
    with Bash(tmp_path, {"PATH": "/usr/bin:/bin"}) as bash, pytest.raises(AssertionError, match="did not end"):
        bash.run("sleep 30", seconds=0.2)
