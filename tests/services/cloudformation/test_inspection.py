"""Templates given back and summed up."""

from tests.services.cloudformation.conftest import Yard, group, template

PARAMETERS = {
    "Size": {
        "Type": "Number",
        "Default": 3,
        "MinValue": 1,
        "AllowedValues": [3, 4],
        "Description": "how many",
        "NoEcho": "true",
    }
}


def test_a_template_is_given_back_as_it_was_given(yard: Yard) -> None:
    text = "Resources:\n  Group: # mine\n    Type: AWS::SageMaker::ModelPackageGroup\n"
    yard("CreateStack", StackName="stack", TemplateBody=text)
    assert yard("GetTemplate", StackName="stack")["TemplateBody"] == text


def test_what_a_template_asks_for_is_told(yard: Yard) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    text = template({"Group": group(), "Role": role}, Parameters_=PARAMETERS)
    told = yard("ValidateTemplate", TemplateBody=text)
    assert told["Parameters"] == [
        {"ParameterKey": "Size", "DefaultValue": "3", "NoEcho": True, "Description": "how many"}
    ]
    assert told["Capabilities"] == ["CAPABILITY_IAM"]
    assert told["CapabilitiesReason"] == "The following resource(s) require capabilities: [AWS::IAM::Role]"
    summary = yard("GetTemplateSummary", TemplateBody=text)
    assert summary["ResourceTypes"] == ["AWS::IAM::Role", "AWS::SageMaker::ModelPackageGroup"]
    assert summary["Parameters"][0]["ParameterConstraints"] == {"AllowedValues": ["3", "4"], "MinValue": "1"}
    yard("CreateStack", StackName="stack", TemplateBody=text, Capabilities=["CAPABILITY_IAM"])
    assert yard("GetTemplateSummary", StackName="stack")["ResourceTypes"] == summary["ResourceTypes"]
