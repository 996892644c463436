"""What is kept and what serves, against moto's server and against ``clary up --simulate``."""

import json
from contextlib import suppress

from botocore.exceptions import ClientError

from tests.e2e.simulate.suite import ACCOUNT, IMAGE, ROLE, Client, host, post, refusal, train


def test_a_notebook_is_stopped_before_it_is_deleted(client: Client) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="setup")
    sagemaker.create_notebook_instance(
        NotebookInstanceName="book",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        LifecycleConfigName="setup",
        SecurityGroupIds=["sg-1"],
    )
    book = sagemaker.describe_notebook_instance(NotebookInstanceName="book")
    # Moto starts with Pending and is in service when it is described; AWS says the same, minutes later.
    assert book["NotebookInstanceStatus"] in ("Pending", "InService")
    assert book["NotebookInstanceLifecycleConfigName"] == "setup"
    assert "book" in book["Url"]
    assert book["VolumeSizeInGB"] == 5
    with suppress(ClientError):  # in service already, where that is said; moto starts it twice
        sagemaker.start_notebook_instance(NotebookInstanceName="book")
    assert refusal(sagemaker.delete_notebook_instance, NotebookInstanceName="book") == "ValidationException"
    sagemaker.stop_notebook_instance(NotebookInstanceName="book")
    sagemaker.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName="book")
    sagemaker.delete_notebook_instance(NotebookInstanceName="book")
    assert sagemaker.list_notebook_instances()["NotebookInstances"] == []
    sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="setup")


def test_an_endpoint_is_in_service_and_changes_its_weights(client: Client) -> None:
    sagemaker = client("sagemaker")
    host(sagemaker, "door")
    endpoint = sagemaker.describe_endpoint(EndpointName="door")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "door")
    variant = endpoint["ProductionVariants"][0]
    assert (variant["VariantName"], variant["CurrentInstanceCount"], variant["DesiredWeight"]) == (
        *("blue", 1),
        1.0,
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="door")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="door",
        DesiredWeightsAndCapacities=[
            {"VariantName": "blue", "DesiredWeight": 3.0, "DesiredInstanceCount": 2}
        ],
    )
    variant = sagemaker.describe_endpoint(EndpointName="door")["ProductionVariants"][0]
    assert (variant["DesiredWeight"], variant["DesiredInstanceCount"]) == (3.0, 2)
    sagemaker.delete_endpoint(EndpointName="door")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert refusal(sagemaker.describe_endpoint, EndpointName="door") == "ValidationException"
    sagemaker.delete_endpoint_config(EndpointConfigName="door")
    sagemaker.delete_model(ModelName="door")
    assert sagemaker.list_models()["Models"] == []


def test_an_endpoint_answers_what_a_test_has_said(client: Client, url: str) -> None:
    host(client("sagemaker"), "door")
    said = [{"Body": "first", "ContentType": "text/plain", "CustomAttributes": "a"}, {"Body": "second"}]
    post(url, "static/sagemaker/endpoint-results", {"results": said})
    runtime = client("sagemaker-runtime")
    bodies = [
        runtime.invoke_endpoint(EndpointName="door", Body=body)["Body"].read()
        for body in (b"1", b"2", b"1", b"3")
    ]
    assert bodies == [b"first", b"second", b"first", b"body"]


def test_an_asynchronous_answer_lies_in_a_bucket(client: Client, url: str) -> None:
    host(client("sagemaker"), "door")
    post(url, "static/sagemaker/async-endpoint-results", {"results": [{"data": "42"}]})
    asked = {"EndpointName": "door", "InputLocation": "s3://nobody-has-made-this/in"}
    answer = client("sagemaker-runtime").invoke_endpoint_async(**asked)
    bucket, _, key = answer["OutputLocation"].removeprefix("s3://").partition("/")
    assert client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"42"


def test_experiments_have_trials_and_those_components(client: Client) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_experiment(ExperimentName="try")
    sagemaker.create_trial(TrialName="one", ExperimentName="try")
    sagemaker.create_trial_component(TrialComponentName="part")
    sagemaker.associate_trial_component(TrialComponentName="part", TrialName="one")
    trials = sagemaker.list_trials(TrialComponentName="part")["TrialSummaries"]
    assert [trial["TrialName"] for trial in trials] == ["one"]
    found = sagemaker.search(Resource="Experiment")["Results"]
    assert [one["Experiment"]["ExperimentName"] for one in found] == ["try"]
    sagemaker.disassociate_trial_component(TrialComponentName="part", TrialName="one")
    sagemaker.delete_trial_component(TrialComponentName="part")
    sagemaker.delete_trial(TrialName="one")
    sagemaker.delete_experiment(ExperimentName="try")
    assert sagemaker.list_experiments()["ExperimentSummaries"] == []


def test_a_feature_group_is_created(client: Client) -> None:
    sagemaker = client("sagemaker")
    features = [{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")]
    sagemaker.create_feature_group(
        FeatureGroupName="people",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=features,
        RoleArn=ROLE,
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://nobody-has-made-this"}},
    )
    group = sagemaker.describe_feature_group(FeatureGroupName="people")
    assert group["FeatureGroupStatus"] == "Created"
    assert group["FeatureDefinitions"] == features


def test_packages_of_a_group_are_counted_and_approved(client: Client) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="models")
    containers = [{"Image": IMAGE, "ModelDataUrl": "s3://nobody-has-made-this/model.tar.gz"}]
    types = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName="models",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={"Containers": containers, **types},
        )["ModelPackageArn"]
        for _ in range(2)
    ]
    assert [arn.rpartition(":")[2] for arn in arns] == ["model-package/models/1", "model-package/models/2"]
    sagemaker.update_model_package(ModelPackageArn=arns[1], ModelApprovalStatus="Approved")
    package = sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert (package["ModelPackageStatus"], package["ModelApprovalStatus"]) == ("Completed", "Approved")
    listed = sagemaker.list_model_packages(ModelPackageGroupName="models", ModelApprovalStatus="Approved")
    assert [one["ModelPackageVersion"] for one in listed["ModelPackageSummaryList"]] == [2]


def test_a_domain_is_in_service(client: Client) -> None:
    sagemaker = client("sagemaker")
    arn = sagemaker.create_domain(
        DomainName="lab",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
    )["DomainArn"]
    name = arn.rpartition("/")[2]
    assert sagemaker.describe_domain(DomainId=name)["Status"] == "InService"
    assert [one["DomainId"] for one in sagemaker.list_domains()["Domains"]] == [name]
    sagemaker.delete_domain(DomainId=name)
    assert sagemaker.list_domains()["Domains"] == []


def test_a_cluster_has_all_its_nodes(client: Client) -> None:
    sagemaker = client("sagemaker")
    group = {
        "InstanceGroupName": "workers",
        "InstanceType": "ml.m5.large",
        "InstanceCount": 3,
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-setup", "OnCreate": "run.sh"},
        "ExecutionRole": ROLE,
        "ThreadsPerCore": 1,
    }
    sagemaker.create_cluster(ClusterName="many", InstanceGroups=[group])
    cluster = sagemaker.describe_cluster(ClusterName="many")
    assert cluster["ClusterStatus"] == "InService"
    assert cluster["InstanceGroups"][0]["CurrentCount"] == 3
    nodes = sagemaker.list_cluster_nodes(ClusterName="many")["ClusterNodeSummaries"]
    assert len(nodes) == 3
    node = sagemaker.describe_cluster_node(ClusterName="many", NodeId=nodes[0]["InstanceId"])["NodeDetails"]
    assert (node["InstanceGroupName"], node["InstanceStatus"]["Status"]) == ("workers", "Running")
    sagemaker.delete_cluster(ClusterName="many")
    assert sagemaker.list_clusters()["ClusterSummaries"] == []


def test_what_stands_beside_sagemaker_is_there(client: Client) -> None:
    s3, iam, logs = client("s3"), client("iam"), client("logs")
    s3.create_bucket(Bucket="box")
    s3.put_object(Bucket="box", Key="a/b", Body=b"1")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="box")["Contents"]] == ["a/b"]
    service = {"Service": "sagemaker.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="Maker", AssumeRolePolicyDocument=trust)["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/Maker"
    logs.create_log_group(logGroupName="/mine")
    assert [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]] == ["/mine"]


def test_a_reset_forgets_everything(client: Client, url: str) -> None:
    s3, iam, logs, sagemaker = client("s3"), client("iam"), client("logs"), client("sagemaker")
    s3.create_bucket(Bucket="box")
    s3.put_object(Bucket="box", Key="a", Body=b"1")
    iam.create_user(UserName="ada")
    logs.create_log_group(logGroupName="/mine")
    train(sagemaker, "fit")
    train(client("sagemaker", "eu-west-1"), "fit")
    assert post(url, "reset") == {"status": "ok"}
    assert s3.list_buckets()["Buckets"] == []
    assert iam.list_users()["Users"] == []
    assert logs.describe_log_groups()["logGroups"] == []
    assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == []
    assert client("sagemaker", "eu-west-1").list_training_jobs()["TrainingJobSummaries"] == []
    train(sagemaker, "fit")


def test_a_stack_is_there_when_it_was_asked_for(client: Client) -> None:
    stacks, sagemaker = client("cloudformation"), client("sagemaker")
    container = {"Image": IMAGE, "ModelDataUrl": "s3://nobody-has-made-this/model.tar.gz"}
    model = {"ModelName": "net", "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
    template = {
        "Resources": {"Net": {"Type": "AWS::SageMaker::Model", "Properties": model}},
        "Outputs": {"Arn": {"Value": {"Ref": "Net"}}},
    }
    stacks.create_stack(StackName="lab", TemplateBody=json.dumps(template))
    (made,) = sagemaker.list_models()["Models"]  # moto gives it a name of its own
    (stack,) = stacks.describe_stacks(StackName="lab")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Outputs"][0]["OutputValue"] == made["ModelArn"]
    stacks.delete_stack(StackName="lab")
    assert sagemaker.list_models()["Models"] == []


def test_a_pipeline_is_defined_by_any_text(client: Client) -> None:
    sagemaker = client("sagemaker")
    named = {"PipelineName": "nightly"}
    text = "a definition that nobody carries out"
    sagemaker.create_pipeline(**named, PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32)
    assert sagemaker.describe_pipeline(**named)["PipelineDefinition"] == text
    begun = sagemaker.start_pipeline_execution(**named, ClientRequestToken="t" * 32)["PipelineExecutionArn"]
    done = sagemaker.describe_pipeline_execution(PipelineExecutionArn=begun)
    assert done["PipelineExecutionStatus"] == "Succeeded"
