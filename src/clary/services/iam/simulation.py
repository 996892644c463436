"""Simulations: what a principal may do, which is everything while policies are not enforced."""

from clary.core.exchange import Reply
from clary.services.iam.call import Call


def simulate(call: Call) -> Reply:
    """Answer that each action is allowed on each resource."""
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed",
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action in call.params["ActionNames"]
        for resource in call.params.get("ResourceArns") or ["*"]
    ]
    return Reply({"EvaluationResults": results, "IsTruncated": False})
