"""Activities: what a token does inside user, service, send, receive, script, rule and manual tasks.

An activity is entered in three steps, as in Camunda 8: input mappings fill its own scope, boundary events open,
then the work itself opens. When the work is done its result goes through the output mappings, or, without any, to
the scopes around it. A multi-instance activity has a *body* token, which holds the boundary events, and an inner
token for each item; see :mod:`server.bpmn.multi_instance`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from server.calendars import CalendarError, parse_duration, parse_instant, zone_named
from server.feel import feel_text, to_json
from server.messages import Message

from . import compensation
from .branches import Branch
from .effects import DecisionTaken, JobClosed, JobOpened, UserTaskClosed, UserTaskOpened
from .errors import Failure
from .expressions import shown
from .extensions import Binding
from .flow_node import FlowNode
from .loops import Repetition
from .mappings import HANDED_OVER, apply_inputs, hand_over
from .model import DecisionReference, FormReference, SequenceFlow
from .multi_instance import MultiInstance
from .timers import DEFAULT_ZONE
from .token import COMPLETION, RUN, Token


class Activity(FlowNode):
    """A node with mappings, boundary events and, perhaps, several instances."""

    multi_instance: MultiInstance | Repetition | None = None
    is_for_compensation = False
    compensation_handler: Activity | None = None
    compensation_subprocess: Activity | None = None
    holds_compensable = False
    is_compensable = False

    def arrive(self, instance: Any, scope: Token, via: SequenceFlow | None, branch: Branch = ()) -> None:
        """A token arrives; where the activity has several instances it becomes their body."""
        token = instance.token(self, scope, branch)
        if self.multi_instance is not None:
            token.internal_data["body"] = True
        instance.announce(token)
        self._update(token)

    def history_type(self, token: Token) -> str:
        """The element's type, or MULTI_INSTANCE_BODY for the token around its instances."""
        return "MULTI_INSTANCE_BODY" if "body" in token.internal_data else self.element.type

    def _update_hook(self, token: Token) -> bool:
        if "body" in token.internal_data:
            assert self.multi_instance is not None
            return self._open_boundary_events(token) and self.multi_instance.open(token)
        apply_inputs(token, self.extensions.inputs)
        if self.multi_instance is None and not self._open_boundary_events(token):
            return False
        return self.open(token)

    def _open_boundary_events(self, token: Token) -> bool:
        """Await the boundary events; false when one of them takes the activity over at once."""
        for event in self.boundary_events:
            event.wait_on(token)
        return not token.workflow.conditions.interrupt(token)

    def undo_enter(self, token: Token) -> None:
        """Take back boundary events, items and the activity's own variables."""
        super().undo_enter(token)
        if "loop" not in token.internal_data:
            token.workflow.variables.pop(str(token.id), None)

    def open(self, token: Token) -> bool:
        """Open the work; true when it can be done at once."""
        return True

    def _run_hook(self, token: Token) -> bool | None:
        if HANDED_OVER not in token.internal_data:
            if "body" in token.internal_data:
                assert self.multi_instance is not None
                self.multi_instance.finish(token)
            else:
                result = token.internal_data.get("result")
                hand_over(token, self.work(token) if result is None else result, self.extensions.outputs)
            token.internal_data[HANDED_OVER] = True
        if "loop" in token.internal_data:
            assert self.multi_instance is not None
            self.multi_instance.collect(token)
            return True
        token.internal_data["flows"] = self.choose_flows(token)
        return True

    def _on_complete(self, token: Token) -> None:
        if self.is_compensable and "body" not in token.internal_data:
            compensation.remember(token)
        for child in token.children:  # boundary events that still wait
            child.cancel()
        if "loop" in token.internal_data:
            assert self.multi_instance is not None
            self.multi_instance.inner_completed(token)
        else:
            super()._on_complete(token)

    def retry(self, token: Token) -> None:
        """Do again what failed; for the condition of a body, ask it again."""
        if token.internal_data["incident"] != COMPLETION:
            super().retry(token)
            return
        assert self.multi_instance is not None
        del token.internal_data["incident"]
        token._set_state(TaskState.WAITING)
        self.multi_instance.go_on(token, token.workflow.visible(token))

    def inner_ended(self, token: Token) -> None:
        """Only a multi-instance body holds tokens of its own here; it counts them itself."""

    def work(self, token: Token) -> Mapping[str, Any]:
        """What the activity computes by itself: the variables it results in."""
        return {}

    def finish_work(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The work was done outside and gave ``variables``."""
        token.internal_data["result"] = dict(variables)
        token._ready()


class ManualTask(Activity, defaults.ManualTask):  # type: ignore[misc]
    """A manual or undefined task: passed through, as its work happens outside any system."""


class NoneTask(Activity, defaults.NoneTask):  # type: ignore[misc]
    """A task without a type: passed through."""


DEFAULT_PRIORITY: Final = 50
_WHOLE: Final = re.compile(r"\s*[+-]?\d{1,18}\s*")


def names(value: Any, where: str) -> tuple[str, ...]:
    """User or group names from a list, or from text separated by commas."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part for part in (p.strip() for p in value.split(",")) if part)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise Failure(
        "EXTRACT_VALUE_ERROR",
        Message(
            "bpmn.candidates",
            f"{where} 的候选人或候选组应是文本或文本列表，得到的是 {shown(value)}。",
            f"The candidates of {where} must be text or a list of texts, but are {shown(value)}.",
        ),
    )


def referred(value: Any, error_type: str, where: str) -> str:
    """The id of a form, decision or process that an element refers to. Raises :class:`Failure` for anything else."""
    if isinstance(value, str) and value:
        return value
    raise Failure(
        error_type,
        Message(
            "bpmn.reference-value",
            f"{where} 引用的编号应是非空文本，得到的是 {shown(value)}。",
            f"The id that {where} refers to must be a text that is not empty, but is {shown(value)}.",
        ),
    )


class UserTask(Activity, defaults.UserTask):  # type: ignore[misc]
    """A task for a person."""

    def open(self, token: Token) -> bool:
        """Ask the worklist for a user task."""
        a = self.extensions.assignment
        form = self._form(token)
        opened = UserTaskOpened(
            key=token.id,
            element_id=self.element.id,
            name=self.element.name,
            assignee=self._assignee(token),
            candidate_users=names(self._value(token, a.candidate_users), self.where),
            candidate_groups=names(self._value(token, a.candidate_groups), self.where),
            due_date=self._instant(token, a.due_date),
            follow_up_date=self._instant(token, a.follow_up_date),
            priority=self._priority(token),
            form_id=None if form is None else form.form_id,
            form_key=None if form is None else self._form_key(token, form),
            external_form_reference=self.extensions.external_form,
            headers=self.extensions.headers,
        )
        token.workflow.effects.append(opened)
        token.internal_data["task"] = True
        return False

    def _assignee(self, token: Token) -> str | None:
        value = self._value(token, self.extensions.assignment.assignee)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise Failure(
                "EXTRACT_VALUE_ERROR",
                Message(
                    "bpmn.assignee",
                    f"{self.where} 的办理人应是文本，得到的是 {shown(value)}。",
                    f"The assignee of {self.where} must be a text, but is {shown(value)}.",
                ),
            )
        return feel_text(value)

    def _form(self, token: Token) -> FormReference | None:
        form: Binding | None = self.extensions.form
        if form is None:
            return None
        target = referred(self._value(token, form.target), "FORM_NOT_FOUND", self.where)
        return FormReference(target, form.binding, form.version_tag)

    def _form_key(self, token: Token, form: FormReference) -> int | None:
        find = token.workflow.services.find_form
        if find is None:
            return None
        key = find(form)
        if key is None:
            raise Failure(
                "FORM_NOT_FOUND",
                Message(
                    "bpmn.form-not-found",
                    f"{self.where} 的表单“{form.form_id}”（绑定 {form.binding}）没有部署；请部署后重试此异常。",
                    f"The form '{form.form_id}' (binding {form.binding}) of {self.where} is not deployed; deploy it and"
                    " retry the incident.",
                ),
            )
        return key

    def _value(self, token: Token, expression: Any) -> Any:
        if expression is None:
            return None
        instance = token.workflow
        return instance.script_engine.evaluate(expression, instance.visible(token), "EXTRACT_VALUE_ERROR", self.where)

    def _instant(self, token: Token, expression: Any) -> Any:
        value = self._value(token, expression)
        if value is None:
            return None
        text, instance = str(value), token.workflow
        try:
            if not text.startswith("P"):
                return parse_instant(text, DEFAULT_ZONE)
            duration = parse_duration(text)
            calendar = None
            if duration.needs_calendar:
                calendar = instance.services.calendar(self.extensions.calendar or instance.model.calendar)
            return duration.after(instance.services.now.astimezone(zone_named(DEFAULT_ZONE)), calendar)
        except CalendarError as error:
            raise Failure("EXTRACT_VALUE_ERROR", error.message) from error

    def _priority(self, token: Token) -> int:
        value = self._value(token, self.extensions.assignment.priority)
        if value is None:
            return DEFAULT_PRIORITY
        number = whole_number(value)
        if number is None:
            raise Failure(
                "EXTRACT_VALUE_ERROR",
                Message(
                    "bpmn.task-priority",
                    f"{self.where} 的优先级应是整数（0 到 100），得到的是 {shown(value)}。",
                    f"The priority of {self.where} must be a whole number (0 to 100), but is {shown(value)}.",
                ),
            )
        return min(max(number, 0), 100)

    def finish_work(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The person has completed the task."""
        token.internal_data.pop("task", None)
        token.workflow.effects.append(UserTaskClosed(token.id, True))
        super().finish_work(token, variables)

    def close(self, token: Token) -> None:
        """Take the task back from the worklist."""
        if token.internal_data.pop("task", None):
            token.workflow.effects.append(UserTaskClosed(token.id, False))


MOST_RETRIES: Final = 1_000_000
"""So many times a job may be tried; more is a slip of the pen."""


def retries_of(value: Any) -> int | None:
    """The retries of a job from a text or a number; None where it is no whole number from 0 to MOST_RETRIES."""
    number = whole_number(value)
    return number if number is not None and 0 <= number <= MOST_RETRIES else None


def whole_number(value: Any) -> int | None:
    """A whole number from itself or its text; None for everything else."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        return None
    return int(value)


class JobActivity(Activity):
    """A node whose work a job worker does: send tasks, message throw events, and tasks with a task definition."""

    def open(self, token: Token) -> bool:
        """Ask for a job."""
        task = self.extensions.task
        assert task is not None
        instance = token.workflow
        context, engine = instance.visible(token), instance.script_engine
        kind = engine.evaluate(task.type, context, "EXTRACT_VALUE_ERROR", self.where)
        retries = engine.evaluate(task.retries, context, "EXTRACT_VALUE_ERROR", self.where)
        number = retries_of(retries)
        if not isinstance(kind, str) or not kind or number is None:
            raise Failure(
                "EXTRACT_VALUE_ERROR",
                Message(
                    "bpmn.job-definition",
                    f"{self.where} 的任务类型应是非空文本，重试次数应是非负整数；"
                    f"得到 {shown(kind)} 和 {shown(retries)}。",
                    f"The job type of {self.where} must be text and its retries a whole number;"
                    f" got {shown(kind)} and {shown(retries)}.",
                ),
            )
        instance.effects.append(JobOpened(token.id, self.element.id, kind, number, 50, self.extensions.headers))
        token.internal_data["job"] = True
        return False

    def finish_work(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The worker has completed the job."""
        token.internal_data.pop("job", None)
        token.workflow.effects.append(JobClosed(token.id, "COMPLETED"))
        super().finish_work(token, variables)

    def retry(self, token: Token) -> None:
        """Do again what failed; where that was no job yet, because the instance was migrated since, ask for one."""
        data = token.internal_data
        is_due = data["incident"] == RUN and not data.keys() & {"body", "result", HANDED_OVER}
        if not is_due or self.extensions.task is None:
            super().retry(token)
            return
        del data["incident"]
        try:
            self.open(token)
            token._set_state(TaskState.WAITING)
        except Failure as failure:
            token.fail(failure, RUN)

    def close(self, token: Token) -> None:
        """Cancel the job."""
        if token.internal_data.pop("job", None):
            state = "ERROR_THROWN" if token.internal_data.get("error") else "CANCELED"
            token.workflow.effects.append(JobClosed(token.id, state))


class ServiceTask(JobActivity, defaults.ServiceTask):  # type: ignore[misc]
    """A service task."""


class SendTask(JobActivity, defaults.ServiceTask):  # type: ignore[misc]
    """A send task: its job sends the message."""


class ScriptTask(JobActivity, defaults.ServiceTask):  # type: ignore[misc]
    """A script task: a FEEL expression, or a job when it has a task definition."""

    def open(self, token: Token) -> bool:
        """Scripts run at once."""
        return self.extensions.script is not None or super().open(token)

    def work(self, token: Token) -> Mapping[str, Any]:
        """Evaluate the script into its result variable."""
        script = self.extensions.script
        assert script is not None
        instance = token.workflow
        value = instance.script_engine.evaluate(script, instance.visible(token), "EXTRACT_VALUE_ERROR", self.where)
        return {self.extensions.result_variable or "result": value}


class BusinessRuleTask(JobActivity, defaults.ServiceTask):  # type: ignore[misc]
    """A business rule task: a called decision, or a job when it has a task definition."""

    def open(self, token: Token) -> bool:
        """Decisions are taken at once."""
        return self.extensions.decision is not None or super().open(token)

    def work(self, token: Token) -> Mapping[str, Any]:
        """Evaluate the called decision into its result variable."""
        called = self.extensions.decision
        assert called is not None
        instance = token.workflow
        context = instance.visible(token)
        decision_id = instance.script_engine.evaluate(called.target, context, "CALLED_DECISION_ERROR", self.where)
        decision_id = referred(decision_id, "CALLED_DECISION_ERROR", self.where)
        reference = DecisionReference(decision_id, called.binding, called.version_tag)
        key, evaluation = instance.services.decide(reference, context)
        instance.effects.append(DecisionTaken(token.id, key, evaluation, dict(context)))
        if evaluation.failed:
            cause = evaluation.diagnostics[0].message if evaluation.diagnostics else None
            raise Failure(
                "DECISION_EVALUATION_ERROR",
                Message(
                    "bpmn.decision-failed",
                    f"{self.where} 调用的决策“{decision_id}”没有得出结果：{cause.zh if cause else ''}",
                    f"The decision '{decision_id}' called by {self.where} gave no result: {cause.en if cause else ''}",
                ),
            )
        return {self.extensions.result_variable or "result": to_json(evaluation.value)}
