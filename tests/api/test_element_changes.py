"""Changing what runs: ad-hoc activities with the official client, multi-instance activities in its style."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from camunda_orchestration_sdk import CamundaClient, errors
from camunda_orchestration_sdk import models as m

from ..integration.models import line, node, user_task
from ..integration.runtime.test_elements import signing


@pytest.fixture(scope="module", autouse=True)
def deployed(administrator: httpx.Client) -> None:
    asked = user_task("identity") + user_task("income")
    files = {
        "asking.bpmn": line(("ask", node("adHocSubProcess", "ask", asked)), id_="asking"),
        "signing.bpmn": line(("sign", signing()), id_="signing"),
    }
    resources = [("resources", (name, content)) for name, content in files.items()]
    assert administrator.post("/v2/deployments", files=resources).status_code == 200


def start(http: httpx.Client, process_id: str, **variables: Any) -> str:
    body = {"processDefinitionId": process_id, "variables": variables}
    return str(http.post("/v2/process-instances", json=body).json()["processInstanceKey"])


def elements(http: httpx.Client, case: str, **wanted: str) -> list[str]:
    query = {"filter": {"processInstanceKey": case, "state": "ACTIVE", **wanted}}
    found = http.post("/v2/element-instances/search", json=query).json()["items"]
    return [item["elementInstanceKey"] for item in found]


def test_the_official_client_activates_elements_of_an_ad_hoc_subprocess(
    client: CamundaClient, administrator: httpx.Client
) -> None:
    case = start(administrator, "asking")
    (ask,) = elements(administrator, case, type="AD_HOC_SUB_PROCESS")
    given = m.AdHocSubProcessActivateActivityReferenceVariables.from_dict({"why": "large"})
    wanted = m.AdHocSubProcessActivateActivityReference(element_id="income", variables=given)
    instruction = m.AdHocSubProcessActivateActivitiesInstruction(elements=[wanted])
    client.activate_ad_hoc_sub_process_activities(ad_hoc_sub_process_instance_key=ask, data=instruction)
    assert len(elements(administrator, case, elementId="income")) == 1
    query = m.ElementInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": case}})
    types = {found.type_.value for found in client.search_element_instances(data=query).items}
    assert types >= {"AD_HOC_SUB_PROCESS", "AD_HOC_SUB_PROCESS_INNER_INSTANCE", "USER_TASK"}
    wrong = m.AdHocSubProcessActivateActivitiesInstruction(
        elements=[m.AdHocSubProcessActivateActivityReference(element_id="nothing")]
    )
    with pytest.raises(errors.BadRequestError):
        client.activate_ad_hoc_sub_process_activities(ad_hoc_sub_process_instance_key=ask, data=wrong)
    with pytest.raises(errors.NotFoundError):
        client.activate_ad_hoc_sub_process_activities(ad_hoc_sub_process_instance_key=case, data=instruction)


def test_instances_are_added_to_and_removed_from_a_multi_instance_activity(administrator: httpx.Client) -> None:
    case = start(administrator, "signing", people=["a"])
    (body,) = elements(administrator, case, type="MULTI_INSTANCE_BODY")
    path, asked = f"/v2/element-instances/{body}/instances", {"item": "b", "variables": {"note": 1.10}}
    headers = {"Idempotency-Key": f"add-{case}"}
    added = administrator.post(path, json=asked, headers=headers).json()["elementInstanceKey"]
    assert administrator.post(path, json=asked, headers=headers).json()["elementInstanceKey"] == added
    assert sorted(elements(administrator, case, type="USER_TASK"))[1:] == [added]
    removal = f"/v2/element-instances/{added}/removal"
    assert administrator.post(removal).status_code == 204
    again = administrator.post(removal)
    assert (again.status_code, again.headers["Content-Type"]) == (409, "application/problem+json")
    assert administrator.post(path, json={}).status_code == 400
    assert administrator.post(f"/v2/element-instances/{case}/instances", json=asked).status_code == 404


def test_only_those_who_may_update_instances_change_them(
    administrator: httpx.Client, person: Callable[[str], httpx.Client]
) -> None:
    case = start(administrator, "signing", people=["zhang.wei"])
    (body,) = elements(administrator, case, type="MULTI_INSTANCE_BODY")
    reviewer = person("zhang.wei")
    assert reviewer.post(f"/v2/element-instances/{body}/instances", json={"item": "me"}).status_code == 403
    assert reviewer.post(f"/v2/element-instances/{body}/removal").status_code == 403
    activation = f"/v2/element-instances/ad-hoc-activities/{body}/activation"
    assert reviewer.post(activation, json={"elements": [{"elementId": "x"}]}).status_code == 403
