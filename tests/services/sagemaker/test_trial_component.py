"""Components: their maps, their metrics, the trials they belong to."""

from clary.services import component_metrics
from clary.store.metrics import Point
from tests.services.sagemaker.conftest import Lab


def test_maps_are_added_to_and_taken_from(lab: Lab) -> None:
    given = {"a": {"NumberValue": 1.0}, "b": {"StringValue": "x"}}
    lab("CreateTrialComponent", TrialComponentName="c", Parameters=given)
    lab(
        "UpdateTrialComponent",
        TrialComponentName="c",
        Parameters={"d": {"NumberValue": 2.0}},
        ParametersToRemove=["a"],
        Status={"PrimaryStatus": "Completed"},
    )
    seen = lab("DescribeTrialComponent", TrialComponentName="c")
    assert seen["Parameters"] == {"b": {"StringValue": "x"}, "d": {"NumberValue": 2.0}}
    assert seen["Status"] == {"PrimaryStatus": "Completed"}


def test_metrics_are_shown_as_statistics(lab: Lab) -> None:
    lab("CreateTrialComponent", TrialComponentName="c")
    row = lab.platform.get("TrialComponent", "c")
    assert row is not None
    points = [Point("loss", at, value) for at, value in ((1.0, 3.0), (2.0, 1.0))]
    lab.platform.metrics.put(component_metrics.own(row), points)
    (metric,) = lab("DescribeTrialComponent", TrialComponentName="c")["Metrics"]
    assert metric == {
        "MetricName": "loss", "SourceArn": row.arn, "TimeStamp": 2.0, "Max": 3.0, "Min": 1.0, "Last": 1.0,
        "Count": 2, "Avg": 2.0, "StdDev": 1.0,
    }  # fmt: skip


def test_components_are_listed_by_trial_and_by_experiment(lab: Lab) -> None:
    lab("CreateExperiment", ExperimentName="e")
    lab("CreateTrial", TrialName="t", ExperimentName="e")
    for name in ("in", "out"):
        lab("CreateTrialComponent", TrialComponentName=name)
    for _ in range(2):
        lab("AssociateTrialComponent", TrialName="t", TrialComponentName="in")
    for narrowed in ({"TrialName": "t"}, {"ExperimentName": "e"}):
        found = lab("ListTrialComponents", **narrowed)["TrialComponentSummaries"]
        assert [one["TrialComponentName"] for one in found] == ["in"]
    assert "still uses it" in lab.refused("DeleteTrialComponent", TrialComponentName="in")
    lab("DeleteTrialComponent", TrialComponentName="out")


def test_both_ends_must_exist(lab: Lab) -> None:
    message = lab.refused("AssociateTrialComponent", TrialName="none", TrialComponentName="none")
    assert message == "Trial none does not exist."
