"""Expressions: known results, and a no that names what is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.services.cloudwatch.expression import Curve, ExpressionError, evaluate

PERIODS = range(0, 240, 60)
A = Curve({0: 1.0, 60: 3.0, 180: 0.0}, PERIODS)
B = Curve({0: 4.0, 60: -10.5}, PERIODS)


def result(text: str) -> dict[int, float]:
    return dict(evaluate({"e": text}, {"a": A, "b": B})["e"].values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a", {0: 1.0, 60: 3.0, 180: 0.0}),
        ("a + b", {0: 5.0, 60: -7.5}),
        ("(a - 1) * 2", {0: 0.0, 60: 4.0, 180: -2.0}),
        ("6 / a", {0: 6.0, 60: 2.0}),
        ("-a", {0: -1.0, 60: -3.0, 180: 0.0}),
        (" a * (1 + 1/2) ", {0: 1.5, 60: 4.5, 180: 0.0}),
        ("SUM([a, b])", {0: 5.0, 60: -7.5, 180: 0.0}),
        ("AVG(METRICS())", {0: 2.5, 60: -3.75, 180: 0.0}),
        ("a / SUM(a)", {0: 0.25, 60: 0.75, 180: 0.0}),
        ("a * 0 + MAX(a) - MIN(b)", {0: 13.5, 60: 13.5, 180: 13.5}),
        ("MIN([a, b])", {0: 1.0, 60: -10.5, 180: 0.0}),
        ("RATE(a)", {60: 2 / 60, 180: -3 / 120}),
        ("DIFF(a)", {60: 2.0, 180: -3.0}),
        ("RUNNING_SUM(a)", {0: 1.0, 60: 4.0, 180: 4.0}),
        ("ABS(b)", {0: 4.0, 60: 10.5}),
        ("CEIL(b)", {0: 4.0, 60: -10.0}),
        ("FLOOR(b)", {0: 4.0, 60: -11.0}),
        ("FILL(b, 0)", {0: 4.0, 60: -10.5, 120: 0.0, 180: 0.0}),
        ("FILL(b, a)", {0: 4.0, 60: -10.5, 180: 0.0}),
        ("FILL(a, REPEAT)", {0: 1.0, 60: 3.0, 120: 3.0, 180: 0.0}),
        ("FILL(a, LINEAR)", {0: 1.0, 60: 3.0, 120: 1.5, 180: 0.0}),
    ],
)
def test_an_expression(text: str, values: dict[int, float]) -> None:
    assert result(text) == pytest.approx(values)


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "a +", "c", "[a, b]", "SUM(1)", "SUM(a)", "a ^ 2", "a > 1", "IF(a, 1, 2)", "'text'",
        "True + a", "a.values", "__import__('os')", "FILL(a, [a])", "a + [b]", "SUM([])", "RATE(2) + a",
        "CEIL(1e400) + a", "9" * 2000 + "+a", "-" * 2000 + "a", "(" * 2000,
    ],
)  # fmt: skip
def test_another_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        result(text)
    assert str(caught.value).startswith(f"The expression {text!r}"[:60])


def test_expressions_refer_to_each_other_but_not_in_a_circle() -> None:
    found = evaluate({"x": "y + 1", "y": "a * 2"}, {"a": A})
    assert found["x"].values == {0: 3.0, 60: 7.0, 180: 1.0}
    with pytest.raises(ExpressionError, match="refers to itself"):
        evaluate({"x": "y", "y": "x"}, {})


@given(st.text(alphabet="ab1.+-*/()[], SUMFIL", max_size=30))
def test_any_text_is_a_curve_or_an_error(text: str) -> None:
    try:
        values = result(text)
    except ExpressionError:
        return
    assert set(values) <= set(PERIODS)
