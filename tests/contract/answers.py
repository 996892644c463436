"""Answers: what a client got, held against the shape of the operation's answer."""

from collections.abc import Mapping
from typing import Any

from botocore.validate import ParamValidator


def check(model: Any, answer: Mapping[str, Any]) -> None:
    """See that an answer to the operation ``model`` has what its shape requires, spelt as its shape says."""
    if model.output_shape is None:
        assert answer == {}
        return
    report = ParamValidator().validate(answer, model.output_shape)
    assert not report.has_errors(), report.generate_report()
