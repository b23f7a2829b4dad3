"""The people and the client of a demo: made where an installation was started as a demo or a test, nowhere else.

Their passwords are known to everybody who reads this. The client's secret is made up once and kept in ``var/``.
"""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from server.messages import Message
from server.settings import Profile, Settings
from server.store.accounts import Client, Group, Membership, User
from server.store.database import transaction

from .clients import new_secret
from .errors import IdentityInvalidError
from .passwords import hash_password, verify_password

CLIENT_ID = "lendloom-demo"
SECRET_FILE = "demo-client.secret"  # noqa: S105 - a file's name


class DemoLogin(NamedTuple):
    """A person of the demo, with what to sign in as."""

    username: str
    password: str
    display: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoIdentities:
    """The demo's client and people."""

    client_id: str
    client_secret: str
    logins: tuple[DemoLogin, ...]


# Group, its name, its role.
_GROUPS = (
    ("credit-reviewer-a", "信贷初审岗", "reviewer"),
    ("credit-reviewer-b", "信贷复审岗", "reviewer"),
    ("risk-head", "风险负责人", "reviewer"),
    ("credit-supervisor", "信审主管", "reviewer"),
    ("risk-deputy", "风险副主管", "reviewer"),
    ("finance", "财务岗", "reviewer"),
    ("sales", "客户经理", "reviewer"),
    ("collector-m1", "催收 M1 组", "reviewer"),
    ("collector-m2", "催收 M2 组", "reviewer"),
    ("post-loan-officer", "贷后管理岗", "reviewer"),
    ("collector-expert", "催收专家组", "reviewer"),
    ("compliance", "合规部", "compliance"),
    ("operators", "运维组", "operator"),
    ("designers", "流程设计组", "designer"),
    ("administrators", "系统管理员", "administrator"),
)
# Username, name, group.
_PEOPLE = (
    ("zhang.wei", "张伟", "credit-reviewer-a"),
    ("li.na", "李娜", "credit-reviewer-b"),
    ("wang.qiang", "王强", "risk-head"),
    ("deng.kai", "邓凯", "credit-supervisor"),
    ("song.yu", "宋瑜", "risk-deputy"),
    ("chen.jing", "陈静", "finance"),
    ("lin.yue", "林悦", "sales"),
    ("zhao.lei", "赵磊", "collector-m1"),
    ("sun.tao", "孙涛", "collector-m2"),
    ("zhou.min", "周敏", "post-loan-officer"),
    ("wu.hao", "吴昊", "collector-expert"),
    ("he.ping", "何平", "compliance"),
    ("liu.yang", "刘洋", "operators"),
    ("xu.li", "徐丽", "designers"),
    ("ma.chao", "马超", "administrators"),
)


def demo_logins() -> tuple[DemoLogin, ...]:
    """Who can sign in to a demo."""
    return tuple(DemoLogin(name, f"{name}-demo", display, (group,)) for name, display, group in _PEOPLE)


def ensure_demo_identities(settings: Settings) -> DemoIdentities:
    """Make the demo's groups, people and client where they are missing; needs an application context.

    What somebody has changed in the meantime (a password, a group) stays as it is.
    """
    if settings.profile is Profile.PRODUCTION:
        raise IdentityInvalidError(
            Message(
                "identity.demo-in-production",
                "生产环境不创建演示账号；请使用 LENDLOOM_PROFILE=demo 启动，或以 lendloom users add 添加用户。",
                "Demo accounts are not made in production; start with LENDLOOM_PROFILE=demo, or add users with "
                "lendloom users add.",
            )
        )
    secret = _kept_secret(settings.var / SECRET_FILE)
    with transaction() as connection:
        _ensure_groups(connection)
        _ensure_people(connection)
        _ensure_client(connection, secret)
    return DemoIdentities(CLIENT_ID, secret, demo_logins())


def _ensure_groups(connection: Connection) -> None:
    rows = [{"group_id": group, "name": name, "roles": [role]} for group, name, role in _GROUPS]
    connection.execute(insert(Group).values(rows).on_conflict_do_nothing())


def _ensure_people(connection: Connection) -> None:
    known = set(connection.execute(select(User.username)).scalars())
    missing = [login for login in demo_logins() if login.username not in known]
    if not missing:
        return
    now = dt.datetime.now(dt.UTC)
    with ThreadPoolExecutor() as pool:  # hashing is slow on purpose, and lets other threads run meanwhile
        hashes = list(pool.map(hash_password, [login.password for login in missing]))
    people = [
        {
            "username": login.username,
            "name": login.display,
            "email": f"{login.username}@demo.invalid",
            "password_hash": password_hash,
            "created_at": now,
        }
        for login, password_hash in zip(missing, hashes, strict=True)
    ]
    memberships = [{"username": login.username, "group_id": login.groups[0]} for login in missing]
    connection.execute(insert(User).values(people).on_conflict_do_nothing())
    connection.execute(insert(Membership).values(memberships).on_conflict_do_nothing())


def _ensure_client(connection: Connection, secret: str) -> None:
    statement = select(Client.secret_hash).where(Client.client_id == CLIENT_ID)
    stored = connection.execute(statement).scalar_one_or_none()
    if stored is None:
        values = {
            "client_id": CLIENT_ID,
            "name": "演示客户端",
            "secret_hash": hash_password(secret),
            "roles": ["administrator"],
            "created_at": dt.datetime.now(dt.UTC),
        }
        connection.execute(insert(Client).values(values).on_conflict_do_nothing())
    elif not verify_password(stored, secret):
        # The database is older or newer than the file: the file is what the user's programs read.
        changed = update(Client).where(Client.client_id == CLIENT_ID)
        connection.execute(changed.values(secret_hash=hash_password(secret)))


def _kept_secret(path: Path) -> str:
    """The secret in the file, which is made on the first time and which only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text(encoding="ascii").strip()
        if kept:
            return kept
        path.unlink()
        return _kept_secret(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = new_secret()
        file.write(secret)
    return secret
