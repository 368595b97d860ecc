# Generated from openapi.yaml by `make generate`. Do not edit.
from enum import StrEnum


class RunErrorCode(StrEnum):
    INVALID_PROMPT = "invalid_prompt"
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    SERVER_ERROR = "server_error"

    @classmethod
    def _missing_(cls, value: object) -> "RunErrorCode | None":
        """Keep a value that the spec does not list"""
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    def __str__(self) -> str:
        return str(self.value)
