"""What elements are called in BPMN, in Chinese and English, by the API's names for their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ELEMENT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "START_EVENT": ("开始事件", "start event"),
    "END_EVENT": ("结束事件", "end event"),
    "INTERMEDIATE_CATCH_EVENT": ("中间捕获事件", "intermediate catch event"),
    "INTERMEDIATE_THROW_EVENT": ("中间抛出事件", "intermediate throw event"),
    "BOUNDARY_EVENT": ("边界事件", "boundary event"),
    "TASK": ("任务", "task"),
    "MANUAL_TASK": ("手工任务", "manual task"),
    "USER_TASK": ("用户任务", "user task"),
    "SERVICE_TASK": ("服务任务", "service task"),
    "SEND_TASK": ("发送任务", "send task"),
    "RECEIVE_TASK": ("接收任务", "receive task"),
    "SCRIPT_TASK": ("脚本任务", "script task"),
    "BUSINESS_RULE_TASK": ("业务规则任务", "business rule task"),
    "CALL_ACTIVITY": ("调用活动", "call activity"),
    "SUB_PROCESS": ("子流程", "subprocess"),
    "EVENT_SUB_PROCESS": ("事件子流程", "event subprocess"),
    "AD_HOC_SUB_PROCESS": ("自由子流程", "ad-hoc subprocess"),
    "EXCLUSIVE_GATEWAY": ("排他网关", "exclusive gateway"),
    "PARALLEL_GATEWAY": ("并行网关", "parallel gateway"),
    "INCLUSIVE_GATEWAY": ("包容网关", "inclusive gateway"),
    "EVENT_BASED_GATEWAY": ("事件网关", "event-based gateway"),
}
"""The terms of the web application's diagrams and tables, too."""


def with_article(noun: str) -> str:
    """English: ``a user task``, ``an end event``."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
