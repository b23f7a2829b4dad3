"""Users, groups and clients over HTTP, with the official client where it knows them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from camunda_orchestration_sdk import CamundaClient, errors
from camunda_orchestration_sdk import models as m


def sign_in(address: str, username: str, password: str) -> int:
    body = {"username": username, "password": password}
    return httpx.post(f"{address}/v2/session", json=body).status_code


def test_a_user_is_added_found_changed_and_removed(client: CamundaClient, address: str) -> None:
    added = client.create_user(
        data=m.UserRequest(username="tan.yu", password="a long password", name="谭宇", email="tan@bank.example")
    )
    assert (added.username, added.name) == ("tan.yu", "谭宇")
    assert sign_in(address, "tan.yu", "a long password") == 200
    query = m.UserSearchQueryRequest.from_dict({"filter": {"username": {"$like": "tan*"}}})
    assert [user.username for user in client.search_users(data=query).items] == ["tan.yu"]
    client.update_user(username="tan.yu", data=m.UserUpdateRequest(name="谭雨", password="another password"))
    assert client.get_user(username="tan.yu").name == "谭雨"
    assert sign_in(address, "tan.yu", "a long password") == 401
    assert sign_in(address, "tan.yu", "another password") == 200
    client.delete_user(username="tan.yu")
    with pytest.raises(errors.ApiError) as gone:
        client.get_user(username="tan.yu")
    assert gone.value.status_code == 404


def test_a_group_gives_its_role_to_whoever_is_put_into_it(
    client: CamundaClient, administrator: httpx.Client, address: str
) -> None:
    client.create_user(data=m.UserRequest(username="gu.yan", password="a long password"))
    body = {"groupId": "night-desk", "name": "夜班", "roles": ["operator"]}
    assert administrator.post("/v2/groups", json=body).status_code == 201
    client.assign_user_to_group(group_id="night-desk", username="gu.yan")
    members = client.search_users_for_group(group_id="night-desk", data=m.GroupUserSearchQueryRequest())
    assert [member.username for member in members.items] == ["gu.yan"]
    form = {"grant_type": "password", "username": "gu.yan", "password": "a long password"}
    token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
    as_gu = {"Authorization": f"Bearer {token}"}
    assert httpx.post(f"{address}/v2/jobs/search", json={}, headers=as_gu).status_code == 200
    client.unassign_user_from_group(group_id="night-desk", username="gu.yan")
    assert httpx.post(f"{address}/v2/jobs/search", json={}, headers=as_gu).status_code == 401
    client.delete_group(group_id="night-desk")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("users", {"username": "zhang.wei", "password": "a long password"}, 409),
        ("users", {"username": "has space", "password": "a long password"}, 400),
        ("users", {"username": "short", "password": "short"}, 400),
        ("groups", {"groupId": "finance", "name": "x"}, 409),
        ("groups", {"groupId": "court", "name": "x", "roles": ["emperor"]}, 400),
        ("clients", {"clientId": "zhang.wei", "roles": []}, 409),
    ],
)
def test_what_cannot_be_added_is_refused_with_a_reason(
    administrator: httpx.Client, path: str, body: dict[str, Any], status: int
) -> None:
    answered = administrator.post(f"/v2/{path}", json=body)
    assert answered.status_code == status
    assert answered.json()["detail"]


def test_a_client_is_added_limited_and_shut_out(administrator: httpx.Client, address: str) -> None:
    made = administrator.post("/v2/clients", json={"clientId": "scorer", "roles": ["worker"]}).json()

    def token(secret: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": "scorer", "client_secret": secret}
        return httpx.post(f"{address}/oauth/token", data=form)

    access = {"Authorization": f"Bearer {token(made['clientSecret']).json()['access_token']}"}
    asked = {"type": "nothing", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": -1}
    assert httpx.post(f"{address}/v2/jobs/activation", json=asked, headers=access).json() == {"jobs": []}
    assert httpx.post(f"{address}/v2/process-instances", json={}, headers=access).status_code == 403
    changed = administrator.post("/v2/clients/scorer/secret").json()["clientSecret"]
    assert token(made["clientSecret"]).status_code == 401
    assert token(changed).status_code == 200
    assert administrator.patch("/v2/clients/scorer", json={"active": False}).json()["active"] is False
    assert token(changed).status_code == 401
    assert administrator.delete("/v2/clients/scorer").status_code == 204
    assert administrator.get("/v2/clients/scorer").status_code == 404
