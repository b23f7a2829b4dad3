"""Ad-hoc subprocesses: activated by an expression or from outside, in parallel or one at a time."""

from __future__ import annotations

import pytest

from server.bpmn import NotActivatable, NotWaiting, lint
from server.bpmn.effects import ElementActivated, IncidentRaised, UserTaskClosed
from server.messages import Message

from .diagrams import (
    END,
    START,
    World,
    boundary,
    document,
    error,
    error_definition,
    flow,
    io,
    job,
    model,
    node,
    path,
    signal,
    signal_definition,
)
from .test_compensation import MANY, handled, step, throw


def ad_hoc(*more: str, condition: str = "", zeebe: str = "", ext: str = "", loop: str = "", **attributes: str) -> str:
    """Documents to be asked for, of which ``income`` is checked once it is there."""
    inside = f"<bpmn:completionCondition>={condition}</bpmn:completionCondition>" if condition else ""
    tasks = "".join(node("userTask", name) for name in ("identity", "income"))
    check = node("serviceTask", "check", ext=job("check"))
    extension = (f"<zeebe:adHoc {zeebe}/>" if zeebe else "") + ext
    return node(
        "adHocSubProcess",
        "ask",
        loop,
        tasks,
        check,
        path("income", "check"),
        *more,
        inside,
        ext=extension,
        **attributes,
    )


def asking(subprocess: str, *more: str, definitions: str = ""):
    return model(START, subprocess, *more, END, path("start", "ask", "end"), definitions=definitions)


CHOSEN = 'activeElementsCollection="=wanted"'


def activate(world: World, *elements: str, cancel: bool = False, **variables) -> World:
    wanted = [(name, variables) for name in elements]
    world.execution.activate_ad_hoc(world.key("ask"), wanted, cancel_remaining=cancel)
    world._store()
    return world


def test_what_the_collection_names_is_activated_and_flows_inside_are_followed():
    world = World(asking(ad_hoc(zeebe=CHOSEN))).start(wanted=["identity", "income"])
    types = [e.element_type for e in world.of(ElementActivated)]
    assert types.count("AD_HOC_SUB_PROCESS") == 1
    assert types.count("AD_HOC_SUB_PROCESS_INNER_INSTANCE") == 2
    world.do("complete_user_task", "income", {})
    assert world.waiting() == ["ask", "ask", "ask", "check", "identity"]
    world.do("complete_user_task", "identity", {})
    assert not world.completed
    assert world.do("complete_job", "check", {}).completed
    assert set(world.execution.variables) == {""}


def test_without_active_elements_it_waits_until_some_are_activated_any_number_of_times():
    world = World(asking(ad_hoc())).start()
    assert world.waiting() == ["ask"]
    activate(world, "identity")
    activate(world, "identity", "income", note="again")
    assert world.execution.variables_of(world.keys("identity")[1])["note"] == "again"
    world.do("complete_user_task", "identity", {}).do("complete_user_task", "identity", {})
    world.do("complete_user_task", "income", {})
    assert world.do("complete_job", "check", {}).completed
    assert "note" not in world.execution.variables[""]


def test_a_completion_condition_ends_it_and_takes_the_rest_away():
    process = asking(ad_hoc(zeebe=CHOSEN, condition="enough"))
    world = World(process).start(wanted=["identity", "income"], enough=False)
    world.do("complete_user_task", "identity", {"enough": True})
    assert world.completed
    assert [e.completed for e in world.of(UserTaskClosed)] == [True, False]


def test_a_condition_that_is_not_met_keeps_it_open():
    world = World(asking(ad_hoc(zeebe=CHOSEN, condition="enough"))).start(wanted=["identity"], enough=False)
    world.do("complete_user_task", "identity", {})
    assert world.waiting() == ["ask"]
    assert activate(world, "identity").do("complete_user_task", "identity", {"enough": True}).completed


@pytest.mark.parametrize("false", ["false", "0"])
def test_remaining_instances_may_end_by_themselves(false):
    subprocess = ad_hoc(zeebe=CHOSEN, condition="enough", cancelRemainingInstances=false)
    world = World(asking(subprocess)).start(wanted=["identity", "income"], enough=False)
    world.do("complete_user_task", "identity", {"enough": True})
    assert world.waiting() == ["ask", "ask", "income"]
    with pytest.raises(NotWaiting):
        activate(world, "identity")
    world.do("complete_user_task", "income", {"enough": False})
    assert world.do("complete_job", "check", {}).completed


def test_in_sequence_one_runs_at_a_time():
    world = World(asking(ad_hoc(zeebe=CHOSEN, ordering="Sequential"))).start(wanted=["income", "identity"])
    assert world.waiting() == ["ask", "ask", "income"]
    activate(world, "income", round=2)
    world.do("complete_user_task", "income", {}).do("complete_job", "check", {})
    assert world.waiting() == ["ask", "ask", "identity"]
    world.do("complete_user_task", "identity", {})
    assert world.execution.variables_of(world.key("income"))["round"] == 2
    world.do("complete_user_task", "income", {})
    assert world.do("complete_job", "check", {}).completed


def test_an_activation_may_take_away_what_still_runs():
    world = World(asking(ad_hoc(zeebe=CHOSEN))).start(wanted=["income"])
    activate(world, "identity", cancel=True)
    assert world.waiting() == ["ask", "ask", "identity"]
    assert world.do("complete_user_task", "identity", {}).completed


def test_outputs_of_inner_instances_are_collected():
    zeebe = f'{CHOSEN} outputCollection="documents" outputElement="=document"'
    world = World(asking(ad_hoc(zeebe=zeebe))).start(wanted=["identity"])
    activate(world, "identity", document="none yet")
    world.execution.complete_user_task(world.keys("identity")[1], {"document": "passport"})
    world._store()
    world.do("complete_user_task", "identity", {"document": "card"})
    assert world.completed
    assert world["documents"] == ["passport", "card"]


def test_outputs_go_through_the_output_mappings():
    zeebe = f'{CHOSEN} outputCollection="documents" outputElement="=document"'
    subprocess = ad_hoc(zeebe=zeebe, ext=io(("output", "count(documents)", "received")))
    world = World(asking(subprocess)).start(wanted=["identity"])
    assert world.do("complete_user_task", "identity", {"document": "card"}).completed
    assert world.execution.variables[""] == {"wanted": ["identity"], "document": "card", "received": 1}


@pytest.mark.parametrize("wanted", ["identity", ["check"], ["nothing"], [1]])
def test_a_wrong_collection_is_an_incident_that_can_be_repaired(wanted):
    world = World(asking(ad_hoc(zeebe=CHOSEN))).start(wanted=wanted)
    assert world.of(IncidentRaised)[0].error_type == "EXTRACT_VALUE_ERROR"
    world.execution.set_variables(100, {"wanted": ["identity"]})
    world.do("retry", "ask")
    assert world.waiting() == ["ask", "ask", "identity"]


def test_only_elements_that_no_flow_leads_to_can_be_activated():
    world = World(asking(ad_hoc())).start()
    for wrong in ("check", "end", "nothing"):
        with pytest.raises(NotActivatable) as refused:
            activate(world, wrong)
        assert "identity" in refused.value.message.en
    activate(world, "identity")
    with pytest.raises(NotWaiting):
        world.execution.activate_ad_hoc(world.keys("ask")[1], [("identity", {})])  # the inner instance


def test_a_completion_condition_that_fails_is_an_incident_and_is_asked_again():
    world = World(asking(ad_hoc(zeebe=CHOSEN, condition="count(documents) > 0"))).start(wanted=["identity"])
    world.do("complete_user_task", "identity", {})
    (incident,) = world.of(IncidentRaised)
    assert (incident.key, incident.error_type) == (world.key("ask"), "CONDITION_ERROR")
    world.execution.set_variables(100, {"documents": ["card"]})
    assert world.do("retry", "ask").completed


def test_an_output_element_that_fails_is_an_incident_of_the_inner_instance():
    zeebe = f'{CHOSEN} outputCollection="documents" outputElement="=late + 1"'
    world = World(asking(ad_hoc(zeebe=zeebe))).start(wanted=["identity"]).do("complete_user_task", "identity", {})
    (incident,) = world.of(IncidentRaised)
    world.execution.set_variables(100, {"late": 1})
    world.execution.retry(incident.key)
    assert world.completed
    assert world["documents"] == [2]


def test_boundary_events_are_those_of_the_whole_subprocess():
    process = asking(
        ad_hoc(zeebe=CHOSEN),
        boundary("stop", "ask", signal()),
        boundary("failed", "ask", error()),
        node("userTask", "repair"),
        flow("stop", "end"),
        flow("failed", "repair"),
        definitions=signal_definition() + error_definition(),
    )
    world = World(process).start(wanted=["income"])
    assert len(world.keys("stop")) == 1
    world.do("complete_user_task", "income", {})
    world.do("throw_error", "check", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["repair"]
    assert World(process).start(wanted=["income"]).do("deliver_signal", "stop", {}).completed


def test_what_completed_inside_can_be_compensated():
    process = asking(
        ad_hoc(step("book"), handled("book"), zeebe=CHOSEN),
        throw("sorry"),
        flow("ask", "sorry"),
    )
    world = World(process).start(wanted=["book", "identity"]).do("complete_job", "book", {"n": 1})
    world.do("complete_user_task", "identity", {"n": 2})
    assert world.execution.variables_of(world.key("undo_book"))["n"] == 1
    assert world.do("complete_job", "undo_book", {}).completed


def test_an_ad_hoc_subprocess_may_have_several_instances():
    loop = MANY.format("false").replace("rooms", "people")
    world = World(asking(ad_hoc(loop=loop, zeebe='activeElementsCollection="=[&quot;identity&quot;]"')))
    world.start(people=["a", "b"])
    assert len(world.keys("identity")) == 2
    world.do("complete_user_task", "identity", {}).do("complete_user_task", "identity", {})
    assert world.completed


REFUSED = {
    "start event": (ad_hoc(node("startEvent", "s")), "bpmn.ad-hoc-events"),
    "end event": (ad_hoc(node("endEvent", "e")), "bpmn.ad-hoc-events"),
    "nothing to activate": (
        node("adHocSubProcess", "ask", node("intermediateThrowEvent", "only")),
        "bpmn.ad-hoc-empty",
    ),
    "driven by a job worker": (ad_hoc(ext=job("agent")), "bpmn.ad-hoc-job"),
    "collection that is no FEEL": (ad_hoc(zeebe='activeElementsCollection="identity"'), "bpmn.active-elements"),
    "half an output": (ad_hoc(zeebe='outputCollection="x"'), "bpmn.loop-output"),
    "condition that is no FEEL": (ad_hoc(condition="x").replace("=x<", "x<"), "bpmn.loop-condition"),
    "inner element that is not executed": (ad_hoc(node("complexGateway", "g")), "bpmn.unsupported-element"),
}


@pytest.mark.parametrize(("subprocess", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_not_run_is_refused(subprocess, code):
    found = [f.message.code for f in lint(document(START, subprocess, END, path("start", "ask", "end")))]
    assert code in found


def test_an_inner_instance_ends_when_all_that_follows_has_ended():
    more = node("userTask", "phone") + flow("income", "phone")
    world = World(asking(ad_hoc(more, zeebe=CHOSEN))).start(wanted=["income"]).do("complete_user_task", "income", {})
    assert not world.do("complete_job", "check", {}).completed
    assert world.do("complete_user_task", "phone", {}).completed


def event_subprocess(definition: str, interrupting: str) -> str:
    body = (node("startEvent", "es", definition, isInterrupting=interrupting), node("userTask", "handle"))
    return node("subProcess", "handler", *body, path("es", "handle"), triggeredByEvent="true")


def test_an_event_subprocess_inside_interrupts_everything_and_ends_it():
    process = asking(
        ad_hoc(event_subprocess(error(), "true"), zeebe=CHOSEN, condition="false"), definitions=error_definition()
    )
    world = World(process).start(wanted=["income", "identity"]).do("complete_user_task", "income", {})
    world.do("throw_error", "check", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["ask", "handle", "handler"]
    with pytest.raises(NotWaiting):
        activate(world, "identity")
    assert world.do("complete_user_task", "handle", {}).completed
    assert set(world.execution.variables) == {""}


def test_an_event_subprocess_beside_is_waited_for_and_its_wait_goes_with_the_rest():
    inside = event_subprocess(signal(), "false")
    world = World(asking(ad_hoc(inside, zeebe=CHOSEN), definitions=signal_definition())).start(wanted=[])
    world.do("deliver_signal", "es", {}).do("complete_user_task", "handle", {})
    assert world.waiting() == ["ask", "es"]  # nothing was activated yet
    activate(world, "identity").do("deliver_signal", "es", {}).do("complete_user_task", "identity", {})
    assert not world.completed
    assert world.do("complete_user_task", "handle", {}).completed
