"""Plans: what replaces, what changes, what is not known yet."""

from typing import Any

from tests.services.cloudformation.conftest import Yard, group, image, template


def planned(yard: Yard, resources: dict[str, Any], name: str = "stack") -> dict[str, tuple[str, str]]:
    """Return the action and the replacement by logical name, as a change set tells them."""
    made = yard("CreateChangeSet", StackName=name, ChangeSetName="plan", TemplateBody=template(resources))
    told = yard("DescribeChangeSet", ChangeSetName=made["Id"])
    yard("DeleteChangeSet", ChangeSetName=made["Id"])
    changes = [each["ResourceChange"] for each in told["Changes"]]
    return {each["LogicalResourceId"]: (each["Action"], each["Replacement"] or "") for each in changes}


def model(name: Any = None, environment: str = "1") -> dict[str, Any]:
    container = {"Image": "linear-learner:1", "Environment": {"V": environment}}
    named = {} if name is None else {"ModelName": name}
    role = "arn:aws:iam::111111111111:role/Lab"
    return {
        "Type": "AWS::SageMaker::Model",
        "Properties": {**named, "ExecutionRoleArn": role, "PrimaryContainer": container},
    }


CONFIG = {
    "Type": "AWS::SageMaker::EndpointConfig",
    "Properties": {
        "ProductionVariants": [
            {
                "VariantName": "all",
                "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ]
    },
}


def test_what_is_added_changed_replaced_and_removed_is_told(yard: Yard) -> None:
    yard.create("stack", {"Group": group("a"), "Image": image("i", "x"), "Old": group("old")})
    wanted = {"Group": group("b"), "Image": image("i", "y"), "New": group("new")}
    assert planned(yard, wanted) == {
        "Group": ("Modify", "True"),
        "Image": ("Modify", "False"),
        "New": ("Add", ""),
        "Old": ("Remove", ""),
    }


def test_a_name_that_changes_replaces_although_update_takes_it(yard: Yard) -> None:
    yard.create("stack", {"Image": image("i", "x")})
    assert planned(yard, {"Image": image("j", "x")}) == {"Image": ("Modify", "True")}


def test_what_hangs_on_a_replacement_may_be_replaced_too(yard: Yard) -> None:
    yard.create("stack", {"Model": model(), "Config": CONFIG})
    wanted = {"Model": model(environment="2"), "Config": CONFIG}
    assert planned(yard, wanted) == {"Model": ("Modify", "True"), "Config": ("Modify", "Conditional")}


def test_a_made_up_name_is_kept_where_nothing_else_changes(yard: Yard) -> None:
    yard.create("stack", {"Model": model(), "Config": CONFIG})
    assert planned(yard, {"Model": model(), "Config": CONFIG}) == {}
    assert planned(yard, {"Model": model("named"), "Config": CONFIG})["Model"] == ("Modify", "True")


def test_tags_change_in_place(yard: Yard) -> None:
    yard.create("stack", {"Group": group("a")})
    tagged = {"Group": group("a", Tags=[{"Key": "k", "Value": "v"}])}
    assert planned(yard, tagged) == {"Group": ("Modify", "False")}
    assert yard.update("stack", tagged) == "UPDATE_COMPLETE"
    arn = yard.physical("stack")["Group"]
    assert yard.platform.tags.of(arn)["k"] == "v"
    assert yard.update("stack", tagged, Tags=[{"Key": "team", "Value": "lab"}]) == "UPDATE_COMPLETE"
    assert yard.platform.tags.of(arn)["team"] == "lab"
    assert yard.update("stack", {"Group": group("a")}, Tags=[]) == "UPDATE_COMPLETE"
    assert set(yard.platform.tags.of(arn)) == {
        "aws:cloudformation:logical-id",
        "aws:cloudformation:stack-id",
        "aws:cloudformation:stack-name",
    }
