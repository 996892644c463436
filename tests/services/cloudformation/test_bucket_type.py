"""Buckets in stacks, and what they are configured with."""

from typing import Any

from tests.services.cloudformation.conftest import Yard

WHOLE: dict[str, Any] = {
    "BucketName": "lab",
    "Tags": [{"Key": "a", "Value": "1"}],
    "VersioningConfiguration": {"Status": "Enabled"},
    "PublicAccessBlockConfiguration": {"BlockPublicAcls": "true", "IgnorePublicAcls": True},
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    },
    "CorsConfiguration": {
        "CorsRules": [{"Id": "x", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": "60"}]
    },
    "LifecycleConfiguration": {
        "Rules": [{"Id": "old", "Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": 3}]
    },
}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Data": {"Type": "AWS::S3::Bucket", "Properties": properties}}


def configured(yard: Yard, what: str) -> Any:
    return yard.ask("s3", f"GetBucket{what}", Bucket="lab")


def test_every_property_is_a_configuration_of_the_bucket(yard: Yard) -> None:
    outputs = {"Arn": {"Value": {"Fn::GetAtt": "Data.Arn"}}}
    assert yard.create("stack", bucket(**WHOLE), Outputs=outputs) == "CREATE_COMPLETE"
    assert yard.outputs("stack") == {"Arn": "arn:aws:s3:::lab"}
    assert configured(yard, "Versioning")["Status"] == "Enabled"
    assert configured(yard, "Tagging")["TagSet"] == WHOLE["Tags"]
    assert configured(yard, "Cors")["CORSRules"][0]["MaxAgeSeconds"] == 60
    rule = configured(yard, "LifecycleConfiguration")["Rules"][0]
    assert (rule["ID"], rule["Filter"], rule["Expiration"]) == ("old", {"Prefix": "tmp/"}, {"Days": 3})
    rules = configured(yard, "Encryption")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    blocked = yard.ask("s3", "GetPublicAccessBlock", Bucket="lab")["PublicAccessBlockConfiguration"]
    assert blocked["BlockPublicAcls"] is True


def test_what_a_template_says_no_more_is_taken_away(yard: Yard) -> None:
    yard.create("stack", bucket(**WHOLE))
    assert yard.update("stack", bucket(BucketName="lab")) == "UPDATE_COMPLETE"
    assert configured(yard, "Versioning")["Status"] == "Suspended"
    found = yard.platform.objects.bucket("lab")
    assert found is not None
    assert not any(found.settings.values())


def test_a_property_that_is_not_served_says_so(yard: Yard) -> None:
    assert yard.create("stack", bucket(WebsiteConfiguration={})) == "ROLLBACK_COMPLETE"
    told = str(yard("DescribeStackEvents", StackName="stack"))
    assert "the property [WebsiteConfiguration] is not supported" in told


def test_a_made_up_name_is_one_that_buckets_can_have(yard: Yard) -> None:
    name = "A" + "-long" * 20
    assert yard.create(name, bucket()) == "CREATE_COMPLETE"
    made = yard.physical(name)["Data"]
    assert len(made) <= 63
    assert made == made.lower()
