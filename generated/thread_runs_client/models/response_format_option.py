# Generated from openapi.yaml by `make generate`. Do not edit.
from enum import StrEnum


class ResponseFormatOption(StrEnum):
    AUTO = "auto"

    @classmethod
    def _missing_(cls, value: object) -> "ResponseFormatOption | None":
        """Keep a value that the spec does not list"""
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    def __str__(self) -> str:
        return str(self.value)
