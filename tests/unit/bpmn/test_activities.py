"""Tasks: what opens, what completing them does to variables, and what failing them does."""

from __future__ import annotations

import pytest

from server.bpmn import NotWaiting
from server.bpmn.effects import (
    ElementActivated,
    ElementEnded,
    IncidentCleared,
    IncidentRaised,
    JobClosed,
    JobOpened,
    ProcessEnded,
    UserTaskClosed,
    UserTaskOpened,
)
from server.messages import Message

from .diagrams import END, START, World, io, job, model, node, path, script

USER = (
    '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=officer" candidateGroups="a, b"/>'
    '<zeebe:taskSchedule dueDate="2026-02-01T09:00:00+08:00"/><zeebe:formDefinition formId="review"/>'
    '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
)


def user_model(ext: str = USER):
    return model(START, node("userTask", "review", ext=ext, name="审核"), END, path("start", "review", "end"))


def job_model(ext: str = ""):
    return model(START, node("serviceTask", "pay", ext=job("pay-out") + ext), END, path("start", "pay", "end"))


def test_a_user_task_opens_with_its_assignment_form_and_headers():
    world = World(user_model()).start(officer="li.na")

    (task,) = world.of(UserTaskOpened)
    assert (task.name, task.assignee, task.candidate_groups) == ("审核", "li.na", ("a", "b"))
    assert task.due_date.isoformat() == "2026-02-01T09:00:00+08:00"
    assert (task.form_id, task.form_key, dict(task.headers)) == ("review", 3, {"k": "v"})


def test_completing_a_user_task_merges_its_variables_and_ends_the_process():
    world = World(user_model()).start(officer="li.na").do("complete_user_task", "review", {"approved": True})

    assert world.completed
    assert world["approved"] is True
    assert world.of(UserTaskClosed)[0].completed
    assert world.of(ProcessEnded)[0].completed


def test_history_tells_each_element_once_with_its_scope_and_end():
    world = World(job_model()).start()
    entered = [(e.element_id, e.element_type, e.scope_key) for e in world.of(ElementActivated)]
    assert entered == [("p", "PROCESS", 100), ("start", "START_EVENT", 100), ("pay", "SERVICE_TASK", 100)]

    world.do("complete_job", "pay", {"paid": True})
    ended = [(e.completed, e.changes) for e in world.of(ElementEnded)]
    assert ended == [(True, {"paid": True}), (True, None), (True, None)]


def test_a_job_opens_with_type_retries_and_headers():
    headers = '<zeebe:taskHeaders><zeebe:header key="url" value="x"/></zeebe:taskHeaders>'
    (opened,) = World(job_model(headers)).start().of(JobOpened)
    assert (opened.type, opened.retries, dict(opened.headers)) == ("pay-out", 3, {"url": "x"})


def test_output_mappings_keep_everything_else_of_the_result_away():
    world = World(job_model(io(("input", "amount * 2", "double"), ("output", "receipt.id", "payout.id")))).start(
        amount=5, payout={"kept": 1}
    )
    assert world.execution.variables_of(world.key("pay"))["double"] == 10
    world.do("complete_job", "pay", {"receipt": {"id": "r1"}})

    assert world["payout"] == {"kept": 1, "id": "r1"}
    assert set(world.execution.variables[""]) == {"amount", "payout"}


def test_a_result_that_has_the_name_of_an_input_stays_inside():
    world = World(job_model(io(("input", "amount", "local")))).start(amount=5)
    world.do("complete_job", "pay", {"local": 6, "outside": 7})
    assert world.execution.variables[""] == {"amount": 5, "outside": 7}


def test_a_script_sets_its_result_variable():
    process = model(START, node("scriptTask", "sum", ext=script("a + 1", "b")), END, path("start", "sum", "end"))
    assert World(process).start(a=1)["b"] == 2


def test_a_failing_script_is_an_incident_and_can_be_retried_after_repair():
    process = model(START, node("scriptTask", "sum", ext=script("a + 1", "b")), END, path("start", "sum", "end"))
    world = World(process).start()
    (incident,) = world.of(IncidentRaised)
    assert (incident.element_id, incident.error_type) == ("sum", "EXTRACT_VALUE_ERROR")
    assert "sum" in incident.message.zh
    assert not world.execution.ended

    key = world.key("sum")
    world.execution.set_variables(100, {"a": 41})
    world.execution.retry(key)
    assert world.completed
    assert world["b"] == 42
    assert isinstance(world.execution.effects[0], IncidentCleared)


def test_a_failing_input_mapping_is_an_incident_before_the_job_opens():
    world = World(job_model(io(("input", "missing + 1", "x")))).start()
    assert world.of(IncidentRaised)[0].error_type == "IO_MAPPING_ERROR"
    assert not world.of(JobOpened)

    key = world.key("pay")
    world.execution.set_variables(100, {"missing": 1})
    world.execution.retry(key)
    assert any(isinstance(e, JobOpened) for e in world.execution.effects)


def test_a_failing_output_mapping_keeps_the_result_for_the_retry():
    world = World(job_model(io(("output", "fee + rate", "total")))).start()
    world.do("complete_job", "pay", {"fee": 3})
    assert world.of(IncidentRaised)[0].error_type == "IO_MAPPING_ERROR"
    assert world.of(JobClosed)[0].state == "COMPLETED"
    key = world.key("pay")
    with pytest.raises(NotWaiting):
        world.execution.complete_job(key, {})
    world.execution.set_variables(100, {"rate": 4})
    world.execution.retry(key)
    assert world.completed
    assert world["total"] == 7


def test_a_job_without_retries_is_an_incident_that_keeps_the_job():
    world = World(job_model()).start()
    key = world.key("pay")
    world.execution.fail_job(key, Message("x", "超时", "timeout"))
    assert world.execution.effects[-1].error_type == "JOB_NO_RETRIES"
    with pytest.raises(NotWaiting):
        world.execution.complete_job(key, {})
    world.execution.retry(key)
    world.execution.complete_job(key, {})
    assert world.completed


def test_cancelling_closes_everything_that_was_open():
    world = World(user_model()).start(officer="x")
    world.execution.cancel()
    kinds = [type(e).__name__ for e in world.execution.effects]
    assert kinds == ["UserTaskClosed", "ElementEnded", "ElementEnded", "ProcessEnded"]
    assert not world.completed


@pytest.mark.parametrize("stimulus", ["complete_job", "complete_user_task", "call_ended", "deliver_message"])
def test_what_is_not_waited_for_is_refused_and_changes_nothing(stimulus):
    world = World(user_model()).start(officer="x")
    before = world.execution.snapshot()
    with pytest.raises(NotWaiting) as caught:
        getattr(world.execution, stimulus)(999, {})
    assert "999" in caught.value.message.zh
    if stimulus != "complete_user_task":
        with pytest.raises(NotWaiting):
            getattr(world.execution, stimulus)(world.key("review"), {})
    assert world.execution.snapshot() == before
    assert not world.execution.effects


def test_manual_and_undefined_tasks_are_passed_through():
    process = model(START, node("manualTask", "m"), node("task", "t"), END, path("start", "m", "t", "end"))
    assert World(process).start().completed


def test_a_form_that_is_not_deployed_is_an_incident_until_it_is():
    world = World(user_model())
    world.forms = {}
    world.start(officer="x")
    assert world.of(IncidentRaised)[0].error_type == "FORM_NOT_FOUND"
    assert not world.of(UserTaskOpened)
    world.forms["review"] = 9
    world.execution.retry(world.key("review"))
    assert [e.form_key for e in world.execution.effects if isinstance(e, UserTaskOpened)] == [9]
