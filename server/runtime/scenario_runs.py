"""Running scenarios on request: in a process of its own, for a bounded time, few at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from server.messages import Message
from server.store.database import decode_json, encode_json

from .errors import Busy, Refused

MOST_SECONDS = 30
MOST_AT_ONCE = 2
_turns = threading.BoundedSemaphore(MOST_AT_ONCE)
_COMMAND = (sys.executable, "-m", "server.cli.scenario_run")

File = tuple[str, bytes]


def run(scenario: str, given: Sequence[File], beside: Sequence[File]) -> dict[str, Any]:
    """What came of the scenarios in a YAML text, run with files; see :mod:`server.cli.scenario_run`.

    Raises :class:`Refused` where the text or a file cannot be read, or the time is over, and :class:`Busy`.
    """
    if not _turns.acquire(blocking=False):
        raise Busy(_BUSY)
    try:
        asked = {
            "scenario": scenario,
            "given": [(name, content.decode()) for name, content in given],
            "beside": [(name, content.decode()) for name, content in beside],
        }
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            _COMMAND, input=encode_json(asked).encode(), capture_output=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(_TOO_LONG) from error
    except UnicodeDecodeError as error:
        raise Refused(_NO_TEXT) from error
    finally:
        _turns.release()
    if done.returncode:
        raise Refused(_FAILED)
    answered: dict[str, Any] = decode_json(done.stdout)
    refused = answered.get("refused")
    if refused is not None:
        raise Refused(Message(refused["code"], refused["zh"], refused["en"]))
    return answered


_BUSY = Message(
    "scenario.busy",
    "正在运行的场景测试过多；请稍后再试。",
    "Too many scenarios are being run; try again shortly.",
)
_TOO_LONG = Message(
    "scenario.too-long",
    f"场景在 {MOST_SECONDS} 秒内没有运行完；模型可能无尽循环，或请拆分场景。",
    f"The scenarios did not end within {MOST_SECONDS} seconds; a model may loop without end, or split them.",
)
_FAILED = Message(
    "scenario.failed",
    "场景运行中断（内存或步数超出限制）；请检查模型中的循环和大列表。",
    "The run broke off (it took too much memory or too many steps); look for loops and huge lists in the models.",
)
_NO_TEXT = Message("scenario.no-text", "文件不是 UTF-8 文本。", "A file is no UTF-8 text.")
