"""Simulations: everything is allowed."""

from tests.services.conftest import ACCOUNT, Desk


def test_every_action_is_allowed_on_every_resource(iam: Desk) -> None:
    output = iam(
        "SimulatePrincipalPolicy",
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/Researcher",
        ActionNames=["s3:PutObject", "s3:GetObject"],
        ResourceArns=["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
    )
    results = output["EvaluationResults"]
    assert len({(each["EvalActionName"], each["EvalResourceName"]) for each in results}) == 4
    assert {each["EvalDecision"] for each in results} == {"allowed"}
    assert output["IsTruncated"] is False
    alone = iam("SimulatePrincipalPolicy", ActionNames=["glue:GetTable"])["EvaluationResults"]
    assert [each["EvalResourceName"] for each in alone] == ["*"]
