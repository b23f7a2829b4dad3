"""Stepping a process instance in memory: start or restore it, give it what it waits for, take the effects.

Nothing here knows a database. The runtime restores an :class:`Execution` from a snapshot, calls one stimulus,
and writes ``effects``, ``variables`` and ``snapshot()`` in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.messages import Message

from . import snapshot as codec
from .activities import Activity, JobActivity, UserTask
from .ad_hoc import Activation, AdHocSubProcess
from .effects import Effect, IncidentCleared
from .errors import Failure, NotWaiting
from .event_definitions import ErrorDefinition
from .events import CatchingNode
from .instance import ExecutionServices, Instance
from .instructions import Activate, Modification
from .migration import migrate
from .model import ProcessModel
from .modification import check_elements, modify, open_process
from .multi_instance import MultiInstance
from .subprocesses import CallActivity
from .throwing import catches_escalation, find_catcher, throw_error, throw_escalation
from .token import Token


class Execution:
    """One process instance while a command works on it."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    @classmethod
    def start(
        cls,
        model: ProcessModel,
        services: ExecutionServices,
        *,
        instance_key: int,
        variables: dict[str, Any],
        start_element: str | None = None,
        activate: Sequence[str] = (),
        stop_after: Sequence[str] = (),
    ) -> Execution:
        """Start an instance at its none start event, or at ``start_element``, and run it until it waits.

        With ``activate`` it starts at these elements instead, wherever they stand. It is terminated once one of
        the elements in ``stop_after`` has completed or was terminated. Raises :class:`NotWaiting` when the process
        has no none start event and none is named, :class:`RepairRefused` when an element cannot be activated.
        """
        instance = Instance(model, services, instance_key, {"": dict(variables)})
        if stop_after:
            check_elements(model, stop_after)
        if activate:
            instance.begin(stop_after)
            open_process(instance)
            modify(instance, Modification(tuple(Activate(element) for element in activate)))
            instance.run()
            return cls(instance)
        element_id = start_element or model.none_start
        if element_id is None:
            raise NotWaiting(instance_key, "无类型启动事件（流程没有定义）", "a none start event: the process has none")
        root = instance.begin(stop_after)
        model.spec.start.begin(root, model.node(element_id))
        instance.run()
        return cls(instance)

    @classmethod
    def restore(
        cls,
        model: ProcessModel,
        services: ExecutionServices,
        *,
        instance_key: int,
        snapshot: bytes,
        variables: dict[str, Any],
    ) -> Execution:
        """Restore an instance from its snapshot and its document of variables."""
        instance = Instance(model, services, instance_key, variables)
        codec.decode(instance, snapshot)
        return cls(instance)

    # -- results -----------------------------------------------------------------------------------------------

    @property
    def effects(self) -> list[Effect]:
        """What has happened since start or restore, in order."""
        return self._instance.effects

    @property
    def variables(self) -> dict[str, Any]:
        """The document of scopes: the process's under the empty string, others under the key of their element."""
        return self._instance.variables

    @property
    def ended(self) -> bool:
        """Whether the instance has completed or was terminated."""
        return self._instance.ended

    @property
    def completed(self) -> bool:
        """Whether the instance has completed."""
        return self._instance.ended and bool(self._instance.completed)

    def snapshot(self) -> bytes:
        """The live tokens, to be stored; empty once the instance has ended."""
        return b"" if self.ended else codec.encode(self._instance)

    def variables_of(self, key: int) -> dict[str, Any]:
        """Every variable that element instance ``key`` (or the instance itself) sees."""
        return dict(self._instance.visible(self._token(key)))

    def local_variables(self, key: int) -> dict[str, Any]:
        """The variables in the own scope of element instance ``key``."""
        token = self._token(key)
        return dict(self._instance.variables.get("" if token.is_root else str(key), {}))

    def catches_error(self, key: int, code: str) -> bool:
        """Whether something around call activity ``key``, or a caller further out, catches the error ``code``."""
        if find_catcher(self._token(key), ErrorDefinition, code) is not None:
            return True
        return self._instance.services.caller_catches(code)

    def catches_escalation(self, key: int, code: str) -> bool | None:
        """Whether what catches the escalation ``code`` around call activity ``key``, or further out, interrupts.

        None when nothing catches it.
        """
        return catches_escalation(self._token(key), code)

    # -- stimuli -----------------------------------------------------------------------------------------------

    def complete_user_task(self, key: int, variables: Mapping[str, Any]) -> None:
        """A person has completed the user task."""
        self._finish(key, UserTask, "task", "用户任务完成", "the completion of a user task", variables)

    def complete_job(self, key: int, variables: Mapping[str, Any]) -> None:
        """A worker has completed the job."""
        self._finish(key, JobActivity, "job", "任务完成", "the completion of a job", variables)

    def call_ended(self, key: int, variables: Mapping[str, Any]) -> None:
        """The instance called by call activity ``key`` has completed."""
        self._finish(key, CallActivity, "call", "被调用流程结束", "the end of a called instance", variables)

    def throw_error(self, key: int, code: str, message: Message, variables: Mapping[str, Any]) -> None:
        """A job, or the instance called by a call activity, ended with a business error."""
        token = self._waiting(key, "错误", "an error")
        if not token.internal_data.get("job") and not token.internal_data.get("call"):
            raise NotWaiting(key, "错误", "an error")
        throw_error(token, code, message, variables)
        self._instance.run()

    def call_failed(self, key: int, code: str, message: Message, variables: Mapping[str, Any]) -> None:
        """The instance called by call activity ``key`` ended with an error that is caught around it."""
        self.throw_error(key, code, message, variables)

    def escalate(self, key: int, code: str, variables: Mapping[str, Any]) -> None:
        """The instance called by call activity ``key`` has thrown an escalation that is caught around it."""
        token = self._waiting(key, "升级", "an escalation")
        if not token.internal_data.get("call"):
            raise NotWaiting(key, "升级", "an escalation")
        throw_escalation(token, code, variables)
        self._instance.run()

    def call_unavailable(self, key: int, message: Message) -> None:
        """The process that call activity ``key`` calls is not there, or its instance no longer: an incident.

        Trying it again calls anew.
        """
        self._waiting(key, "被调用流程", "a called instance").fail(Failure("CALLED_ELEMENT_ERROR", message), "enter")

    def fire_timer(self, key: int) -> None:
        """The timer that ``key`` waits for is due."""
        self._happen(key, "timer", "定时器", "a timer", {})

    def deliver_message(self, key: int, variables: Mapping[str, Any]) -> None:
        """The message that ``key`` waits for has come."""
        self._happen(key, "message", "消息", "a message", variables)

    def deliver_signal(self, key: int, variables: Mapping[str, Any]) -> None:
        """The signal that ``key`` waits for was broadcast."""
        self._happen(key, "signal", "信号", "a signal", variables)

    def fail_job(self, key: int, message: Message) -> None:
        """The job's retries are used up: an incident (JOB_NO_RETRIES)."""
        token = self._waiting(key, "任务", "a job")
        token.fail(Failure("JOB_NO_RETRIES", message), "wait")

    def retry(self, key: int) -> None:
        """An operator says that the cause of the incident on ``key`` is repaired: try again."""
        token = self._instance.tasks.get(key)
        if token is None or not token.has_incident:
            raise NotWaiting(key, "异常处理", "the resolution of an incident")
        self._instance.effects.append(IncidentCleared(key))
        token.task_spec.retry(token)
        self._instance.run()

    def activate_ad_hoc(self, key: int, elements: Sequence[Activation], *, cancel_remaining: bool = False) -> list[int]:
        """Activate elements of the open ad-hoc subprocess ``key``; with ``cancel_remaining`` what runs is taken away.

        Returns the keys of the inner instances that began. Raises :class:`NotActivatable` for a wrong element.
        """
        token = self._token(key)
        activity = token.task_spec
        if not isinstance(activity, AdHocSubProcess) or not activity.is_open(token):
            raise NotWaiting(key, "激活元素", "the activation of elements (no open ad-hoc subprocess)")
        activity.check([name for name, _ in elements])
        if cancel_remaining:
            activity.cancel_running(token)
        begun = activity.activate(token, elements)
        self._instance.run()
        return [inner.id for inner in begun]

    def add_instance(self, key: int, *, item: Any = None, variables: Mapping[str, Any] | None = None) -> int | None:
        """Add an instance to the multi-instance body ``key``, for ``item`` and with variables of its own.

        Returns the key of the new instance, or None where it comes later in a sequence.
        """
        body = self._token(key)
        activity = body.task_spec
        many = activity.multi_instance if isinstance(activity, Activity) else None
        if "body" not in body.internal_data or not isinstance(many, MultiInstance) or not many.is_open(body):
            raise NotWaiting(key, "新增的实例", "a further instance (no open multi-instance)")
        added = many.add(body, item, variables or {})
        self._instance.run()
        return None if added is None else added.id

    def remove_instance(self, key: int) -> None:
        """Take the active instance ``key`` out of its multi-instance activity, which may complete thereby."""
        inner = self._token(key)
        activity = inner.task_spec
        many = activity.multi_instance if isinstance(activity, Activity) else None
        if "loop" not in inner.internal_data or not isinstance(many, MultiInstance):
            raise NotWaiting(key, "移除", "its removal (no multi-instance)")
        many.remove(inner)
        self._instance.run()

    def set_variables(self, scope_key: int, variables: Mapping[str, Any], *, local: bool = False) -> None:
        """Set variables in the own scope of an element instance (``local``), or where they live.

        Conditional events that become true by it happen.
        """
        self.write_variables(scope_key, variables, local=local)
        self._instance.run()

    def write_variables(self, scope_key: int, variables: Mapping[str, Any], *, local: bool = False) -> None:
        """Set variables as :meth:`set_variables` does, in an instance that stands still: nothing happens by it.

        :meth:`ask_conditions` makes up for it when the instance goes on, :meth:`settle` within the same command.
        """
        token = self._token(scope_key)
        self._instance.overrule(token, variables, local=local or token.is_root)

    def settle(self) -> None:
        """Let everything happen that :meth:`write_variables` in this command has made possible."""
        self._instance.run()

    def rest_conditions(self) -> None:
        """An instance that stands still is repaired: whatever changes by it, :meth:`ask_conditions` makes up for it."""
        self._instance.conditions.resting = True

    def ask_conditions(self) -> None:
        """Let every conditional event happen that has become true while the instance stood still."""
        self._instance.conditions.ask_all()
        self._instance.run()

    def modify(self, modification: Modification) -> None:
        """Put tokens in, take them away, or go back, as an operator says; then run until everything waits.

        Raises :class:`RepairRefused` with a reason for each element, and :class:`NotWaiting` for an element
        instance that is no longer active. After an error the execution must be thrown away.
        """
        modify(self._instance, modification)
        self._instance.run()

    def migrate(
        self,
        target: ProcessModel,
        services: ExecutionServices,
        mapping: Mapping[str, str],
        *,
        recompute_timers: bool = False,
    ) -> None:
        """Go over to another version of the process; ``mapping`` says what each element becomes.

        ``services`` are those of the target. Raises :class:`RepairRefused` with a reason for each element that
        cannot go over; the execution must then be thrown away.
        """
        self._instance = migrate(self._instance, target, services, mapping, recompute_timers=recompute_timers)
        self._instance.run()

    def cancel(self) -> None:
        """Terminate the instance and everything in it."""
        self._instance.end(completed=False)

    # -- finding tokens ----------------------------------------------------------------------------------------

    def _token(self, key: int) -> Token:
        token: Token | None = self._instance.tasks.get(key)
        if token is None:
            raise NotWaiting(key, "任何事情", "anything")
        return token

    def _waiting(self, key: int, what_zh: str, what_en: str) -> Token:
        token = self._token(key)
        if not token.is_waiting:
            raise NotWaiting(key, what_zh, what_en)
        return token

    def _finish(
        self, key: int, kind: type[Any], flag: str, what_zh: str, what_en: str, variables: Mapping[str, Any]
    ) -> None:
        token = self._waiting(key, what_zh, what_en)
        if not isinstance(token.task_spec, kind) or not token.internal_data.get(flag):
            raise NotWaiting(key, what_zh, what_en)
        token.task_spec.finish_work(token, variables)
        self._instance.run()

    def _happen(self, key: int, wait: str, what_zh: str, what_en: str, variables: Mapping[str, Any]) -> None:
        token = self._waiting(key, what_zh, what_en)
        spec = token.task_spec
        if token.internal_data.get("wait") != wait or not isinstance(spec, CatchingNode):
            raise NotWaiting(key, what_zh, what_en)
        spec.happened(token, variables)
        self._instance.run()
