"""What identity refuses."""

from __future__ import annotations

from server.messages import LendloomError, Message


class IdentityError(LendloomError):
    """The root of what this package refuses."""


class CredentialsRefusedError(IdentityError):
    """A name with its password or secret, or a token, is not accepted. It never says which part was wrong."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "identity.credentials",
                "名称或口令不正确，或该账号已停用；请检查后重试，仍不成功请联系管理员。",
                "The name and the password or secret do not match, or the account is inactive; "
                "check them and try again, or ask an administrator.",
            )
        )


class IdentityNotFoundError(IdentityError):
    """There is no such user, group or client."""

    def __init__(self, kind_zh: str, kind_en: str, name: str) -> None:
        super().__init__(
            Message(
                "identity.not-found",
                f"没有名为“{name}”的{kind_zh}；请核对名称。",
                f"There is no {kind_en} named '{name}'; check the name.",
            )
        )


class IdentityExistsError(IdentityError):
    """The name is taken by a user, a group or a client."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Message(
                "identity.exists",
                f"名称“{name}”已被使用；请换一个名称。",
                f"The name '{name}' is already in use; choose another one.",
            )
        )


class IdentityInvalidError(IdentityError):
    """A name, password or role cannot be used as it was given."""


class ForbiddenError(IdentityError):
    """The person or system is known, and may not do this."""

    def __init__(self, resource: str, action: str) -> None:
        super().__init__(
            Message(
                "identity.forbidden",
                f"您没有权限执行此操作（{resource}：{action}）；如确有需要，请向管理员申请相应角色。",
                f"You may not do this ({resource}: {action}); ask an administrator for a role that allows it.",
            )
        )
        self.resource = resource
        self.action = action


def unusable(code: str, zh: str, en: str) -> IdentityInvalidError:
    """The error for a value that cannot be used."""
    return IdentityInvalidError(Message(f"identity.{code}", zh, en))
