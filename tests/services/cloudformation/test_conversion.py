"""Properties as members of shapes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.cloudformation.conversion import converted
from clary.wire.model import load

CREATE_ENDPOINT_CONFIG: Any = load("sagemaker").operation_model("CreateEndpointConfig").input_shape
CREATE_ROLE: Any = load("iam").operation_model("CreateRole").input_shape


def test_texts_are_numbers_and_numbers_texts_where_the_shape_says_so() -> None:
    given = {
        "EndpointConfigName": 7,
        "EnableNetworkIsolation": "true",
        "ProductionVariants": [
            {"InitialInstanceCount": "2", "InitialVariantWeight": "0.5", "ModelName": "m"}
        ],
    }
    assert converted(given, CREATE_ENDPOINT_CONFIG) == {
        "EndpointConfigName": "7",
        "EnableNetworkIsolation": True,
        "ProductionVariants": [{"InitialInstanceCount": 2, "InitialVariantWeight": 0.5, "ModelName": "m"}],
    }


def test_json_may_be_written_as_an_object() -> None:
    found = converted({"AssumeRolePolicyDocument": {"Version": "2012-10-17"}}, CREATE_ROLE)
    assert found == {"AssumeRolePolicyDocument": '{"Version": "2012-10-17"}'}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Colour": 1}, "#: extraneous key [Colour] is not permitted"),
        ({"ProductionVariants": [{"Colour": 1}]}, "#/ProductionVariants/0: extraneous key [Colour]"),
        ({"ProductionVariants": {}}, "#/ProductionVariants: expected type: JSONArray, found: JSONObject"),
        ({"ProductionVariants": ["x"]}, "#/ProductionVariants/0: expected type: JSONObject, found: String"),
        ({"EnableNetworkIsolation": "perhaps"}, "#/EnableNetworkIsolation: expected type: Boolean"),
        (
            {"ProductionVariants": [{"InitialInstanceCount": "many"}]},
            "#/ProductionVariants/0/InitialInstanceCount: expected type: Number, found: String",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaryError) as caught:
        converted(given, CREATE_ENDPOINT_CONFIG)
    assert message in caught.value.message


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(CREATE_ENDPOINT_CONFIG.members)), ANYTHING))
def test_whatever_is_given_fits_or_is_refused(given: dict[str, Any]) -> None:
    try:
        converted(given, CREATE_ENDPOINT_CONFIG)
    except ClaryError as error:
        assert error.message.startswith("Properties validation failed")
