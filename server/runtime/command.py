"""A command: one transaction, tried again where only chance was against it, with errors a person can read.

Losing a deadlock, or finding that the database has just been restarted, is nobody's fault: the command runs
again. What is left after that speaks as one of :mod:`server.runtime.errors`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from server.bpmn import NotWaiting, RepairRefused
from server.messages import Message
from server.store.database import is_joined, transaction

from .errors import Busy, Conflict, Refused

ATTEMPTS = 4
_TOO_LONG_FOR_AN_INDEX = "54000"  # program_limit_exceeded
_LOCK_NOT_AVAILABLE = "55P03"
_REPEATABLE = frozenset({"40001", "40P01"})  # serialization failure, deadlock

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)


class LostRace(Exception):
    """What was read at the start of the command has changed under it: run it again on what is there now."""


def command(body: Callable[[Connection], Result]) -> Result:
    """Run ``body`` in a transaction of its own and return its result after the commit.

    Raises what ``body`` raises; the database's own errors as :class:`Busy`, :class:`Refused` or
    :class:`Conflict`.
    """
    attempt = 0
    while True:
        attempt += 1
        done = False
        try:
            with transaction() as connection:
                result = body(connection)
                done = True
            return result
        except NotWaiting as error:
            raise Conflict(error.message) from error
        except RepairRefused as error:
            raise Refused(error.message, findings=error.findings) from error
        except LostRace as error:
            if attempt >= ATTEMPTS:
                raise _busy() from error
        except DataError as error:
            raise _unstorable(error) from error
        except IntegrityError as error:
            raise _clash(error) from error
        except (OperationalError, InterfaceError) as error:
            if getattr(error.orig, "sqlstate", None) == _TOO_LONG_FOR_AN_INDEX:
                raise _unstorable(error) from error
            # An error of the commit itself leaves open whether it was carried out: it must not run twice.
            if attempt >= ATTEMPTS or done or not _worth_repeating(error):
                raise _busy() from error
            _log.info("command.repeat", attempt=attempt, cause=str(error.orig))
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - spreads repetitions, guards nothing


def _worth_repeating(error: DBAPIError) -> bool:
    state: Any = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated:
        # Of a larger transaction all is lost: only who began that one can begin again.
        return state != _LOCK_NOT_AVAILABLE and not is_joined()
    return state in _REPEATABLE


def _busy() -> Busy:
    return Busy(
        Message(
            "command.busy",
            "该案件或数据库正忙，请稍后重试；命令带有 Idempotency-Key 时可放心重复提交。",
            "The case or the database is busy; try again shortly. With an Idempotency-Key the repetition is safe.",
        )
    )


def _unstorable(error: DBAPIError) -> Refused:
    cause = str(error.orig).splitlines()[0]
    return Refused(
        Message(
            "command.unstorable",
            f"数据库无法保存某个值（{cause}）；请检查是否含有 NUL 字符、过大的数字，"
            "或被当作名称、关联键或办理人的长文本。",
            f"The database cannot store one of the values ({cause}); look for NUL characters, huge numbers, and"
            " long texts that stand for a name, a correlation key or a person.",
        )
    )


def _clash(error: IntegrityError) -> Conflict:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if constraint == "uq_process_instance_active_business_id":
        return Conflict(
            Message(
                "instance.business-id",
                "已有使用该业务编号的活动流程实例；请使用其他编号，或等待该实例结束。",
                "An active process instance already has this business id; use another id or wait until it ends.",
            )
        )
    return Conflict(
        Message(
            "command.clash",
            f"另一个命令同时做了同样的事（{constraint}）；请刷新后再试。",
            f"Another command did the same at the same time ({constraint}); refresh and try again.",
        )
    )
