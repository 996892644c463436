"""Where the row lies that a request names."""

from clary.engine.identity import Address, Identity, is_arn


def test_the_last_member_is_the_name_and_those_before_it_the_scope() -> None:
    identity = Identity(("DomainId", "AppType", "AppName"))
    params = {"DomainId": "d-1", "AppType": "JupyterServer", "AppName": "default"}
    assert identity.address(params) == Address("d-1/JupyterServer", "default")
    assert identity.name == "AppName"
    assert Identity(("ModelName",)).address({"ModelName": "m"}) == Address("", "m")


def test_an_arn_counts_for_the_name_it_ends_with() -> None:
    arn = "arn:aws:sagemaker:us-east-1:111111111111:hub/mine"
    assert is_arn(arn)
    assert not is_arn("hub/mine")
    assert Identity(("HubName", "HubContentName")).address(
        {"HubName": arn, "HubContentName": "c"}
    ) == Address("mine", "c")
