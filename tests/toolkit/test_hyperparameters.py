"""Hyperparameters are parsed from strings, and every violation is named."""

import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.hyperparameters import (
    AUTO,
    Hyperparameters,
    boolean,
    choice,
    flag,
    free_text,
    integer,
    integer_or,
    one_of,
    real,
    real_or,
    words,
)


class Params(Hyperparameters):
    """One of each kind."""

    k: int = integer(ge=2, le=10, tunable=True, about="Clusters.")
    rate: float | None = real(AUTO, gt=0, about="Step size.")
    kind: str = choice("a", "b", default="a", about="Kind.")
    quick: bool = boolean(False, about="Hurry.")
    scaled: bool | None = boolean(AUTO, auto=True, about="Scale.")
    weight: float | str = real_or("balanced", default=1.0, gt=0, about="Weight.")
    seed: int | None = integer(None, about="Seed.")
    bins: int | str = integer_or("all", default="all", ge=1, about="Bins.")

    def conflicts(self) -> list[str]:
        return ["hyperparameter 'rate' is for kind 'b'"] if self.rate and self.kind == "a" else []


def test_defaults_fill_what_is_not_given() -> None:
    params = Params.parse({"k": "3"})
    assert params.values() == {
        "k": 3,
        "rate": None,
        "kind": "a",
        "quick": False,
        "scaled": None,
        "weight": 1.0,
        "seed": None,
        "bins": "all",
    }


def test_strings_become_values() -> None:
    given = {"k": "4.0", "rate": "1e-2", "kind": "b", "quick": "True", "scaled": "true", "weight": "balanced"}
    given["bins"] = "7"
    values = Params.parse(given).values()
    assert values == {
        "k": 4,
        "rate": 0.01,
        "kind": "b",
        "quick": True,
        "scaled": True,
        "weight": "balanced",
        "seed": None,
        "bins": 7,
    }


def test_hidden_keys_are_accepted_and_the_tuners_objective_is_kept() -> None:
    params = Params.parse({"k": "3", "_kvstore": "auto", "_tuning_objective_metric": "test:msd"})
    assert params.tuning_objective == "test:msd"


def test_one_error_names_every_violation() -> None:
    given = {"k": "11", "rate": "0", "kind": "c", "quick": "yes", "weight": "-1", "seed": "1.5", "foo": "1"}
    with pytest.raises(ClientError) as caught:
        Params.parse(given)
    message = str(caught.value)
    assert "Additional hyperparameters are not allowed ('foo' was unexpected)" in message
    for part in (
        "'11' is not a valid value of hyperparameter 'k': give an integer of at least 2 and at most 10",
        "'0' is not a valid value of hyperparameter 'rate': give 'auto' or a number greater than 0",
        "'c' is not a valid value of hyperparameter 'kind': give one of 'a', 'b'",
        "'yes' is not a valid value of hyperparameter 'quick': give one of 'true', 'false'",
        "'-1' is not a valid value of hyperparameter 'weight': give 'balanced' or a number greater than 0",
        "'1.5' is not a valid value of hyperparameter 'seed': give an integer",
    ):
        assert part in message


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", ""])
def test_numbers_must_be_finite(text: str) -> None:
    with pytest.raises(ClientError, match="hyperparameter 'rate'"):
        Params.parse({"k": "3", "rate": text})


def test_missing_required_value_is_named() -> None:
    with pytest.raises(ClientError, match="hyperparameter 'k' is required: give an integer of at least 2"):
        Params.parse({})


def test_conflicts_are_reported_once_the_values_are_legal() -> None:
    with pytest.raises(ClientError, match=r"'rate' is for kind 'b'\.$"):
        Params.parse({"k": "3", "rate": "0.1"})


def test_card_has_awss_shape() -> None:
    assert Params.declared["k"].card("k") == {
        "Name": "k",
        "Description": "Clusters. Valid values: an integer of at least 2 and at most 10.",
        "Type": "Integer",
        "Range": {"IntegerParameterRangeSpecification": {"MinValue": "2", "MaxValue": "10"}},
        "IsTunable": True,
        "IsRequired": True,
    }
    rate = Params.declared["rate"].card("rate")
    assert rate["DefaultValue"] == "auto"
    assert rate["Range"]["ContinuousParameterRangeSpecification"]["MinValue"] == "0"
    assert Params.declared["quick"].card("quick")["Range"] == {
        "CategoricalParameterRangeSpecification": {"Values": ["true", "false"]}
    }
    assert Params.declared["weight"].card("weight")["Type"] == "Continuous"


def test_defaults_read_back_as_themselves() -> None:
    assert Params.defaults() == {
        "rate": "auto",
        "kind": "a",
        "bins": "all",
        "quick": "false",
        "scaled": "auto",
        "weight": "1",
    }


def test_a_list_of_words_is_json() -> None:
    class Listed(Hyperparameters):
        """One list."""

        which: tuple[str, ...] = words("a", "b", default='["a"]', about="Which.")

    assert Listed.parse({}).values() == {"which": ("a",)}
    assert Listed.parse({"which": '["b", "a"]'}).values() == {"which": ("b", "a")}
    for wrong in ("a", "[]", '["c"]', '{"a": 1}', "[1]", "[[]]"):
        with pytest.raises(
            ClientError, match="is not a valid value of hyperparameter 'which': give a JSON list"
        ):
            Listed.parse({"which": wrong})
    card = Listed.declared["which"].card("which")
    assert (card["Type"], card["DefaultValue"]) == ("FreeText", '["a"]')
    assert "Range" not in card


def test_a_reserved_word_may_be_a_name() -> None:
    class Reserved(Hyperparameters, **{"lambda": real(1.0, about="L2.")}):
        pass

    assert Reserved.parse({"lambda": "0.5"}).values() == {"lambda": 0.5}
    assert Reserved.defaults() == {"lambda": "1"}


def test_declarations_of_all_bases_are_inherited() -> None:
    class Left(Hyperparameters):
        a: int = integer(1, about="A.")
        b: int = integer(2, about="B.")

    class Right(Hyperparameters):
        b: int = integer(3, about="Another B.")
        c: int = integer(4, about="C.")

    class Both(Left, Right):
        d: int = integer(5, about="D.")

    assert Both.parse({"c": "6"}).values() == {"a": 1, "b": 2, "c": 6, "d": 5}


def test_flags_and_integers_out_of_some_are_categories() -> None:
    class Params(Hyperparameters):
        multi: bool = flag(default=False, about="Several.")
        layers: int = one_of(18, 34, default=34, about="Layers.")

    assert Params.parse({}).values() == {"multi": False, "layers": 34}
    assert Params.parse({"multi": "1", "layers": "18"}).values() == {"multi": True, "layers": 18}
    assert Params.declared["layers"].card("layers")["Type"] == "Categorical"
    with pytest.raises(ClientError, match=r"'multi': give one of '0', '1'; '19' .* one of '18', '34'"):
        Params.parse({"multi": "yes", "layers": "19"})


def test_a_text_of_a_form_of_its_own_is_checked_by_it() -> None:
    class Params(Hyperparameters):
        sizes: tuple[int, ...] | None = free_text(
            lambda text: tuple(map(int, text.split(","))),
            default=AUTO,
            auto=True,
            rule="sizes",
            about="Sizes.",
        )

    assert Params.parse({}).sizes is None
    assert Params.parse({"sizes": "3,2"}).sizes == (3, 2)
    assert Params.declared["sizes"].card("sizes")["Type"] == "FreeText"
    with pytest.raises(ClientError, match="'3,x' is not a valid value of hyperparameter 'sizes': give sizes"):
        Params.parse({"sizes": "3,x"})
