"""What can go wrong with a BPMN model or a running instance."""

from __future__ import annotations

from collections.abc import Sequence

from server.messages import Finding, LendloomError, Message, Severity


class BpmnError(LendloomError):
    """A BPMN file that may not be deployed; ``findings`` name every fault with element and line."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.findings[0].message)


class NotWaiting(LendloomError):
    """The element instance is not, or no longer, waiting for what was delivered."""

    def __init__(self, key: int, what_zh: str, what_en: str) -> None:
        super().__init__(
            Message(
                "bpmn.not-waiting",
                f"元素实例 {key} 没有在等待{what_zh}：它可能已经完成或被取消。请刷新后再试。",
                f"Element instance {key} is not waiting for {what_en}: it may have ended. Refresh and try again.",
            )
        )
        self.key = key


class EndlessCase(LendloomError):
    """The instances of a case wake each other without end; nothing of the command may be kept."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "bpmn.endless-case",
                "流程实例之间无休止地互相触发（例如信号来回抛出），命令没有执行。请改正模型后再试。",
                "The instances of the case wake each other without end, for instance by signals that go to and fro;"
                " the command was not carried out. Correct the model and try again.",
            )
        )


class Failure(LendloomError):
    """A step of an instance failed; it becomes an incident of ``error_type`` on the element."""

    def __init__(self, error_type: str, message: Message) -> None:
        super().__init__(message)
        self.error_type = error_type


class RepairRefused(LendloomError):
    """A modification or migration that cannot be carried out; ``findings`` give a reason for each element.

    Nothing that was done to the instance in memory may be kept after this.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        messages = [finding.message for finding in self.findings[:_REASONS_IN_ONE_SENTENCE]]
        together = Message(
            messages[0].code, " ".join(message.zh for message in messages), " ".join(message.en for message in messages)
        )
        super().__init__(together)


_REASONS_IN_ONE_SENTENCE = 5


def reason(code: str, element: str, zh: str, en: str) -> Finding:
    """Why an element keeps a modification or migration from being carried out."""
    return Finding(Severity.ERROR, Message(f"bpmn.{code}", zh, en), element=element)
