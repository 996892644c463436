"""Trials group components and belong to experiments."""

from tests.services.sagemaker.conftest import Lab


def test_trials_are_listed_by_experiment_and_by_component(lab: Lab) -> None:
    for experiment in ("one", "two"):
        lab("CreateExperiment", ExperimentName=experiment)
        lab("CreateTrial", TrialName=f"t-{experiment}", ExperimentName=experiment)
    lab("CreateTrialComponent", TrialComponentName="c")
    lab("AssociateTrialComponent", TrialName="t-two", TrialComponentName="c")

    def names(**params: str) -> list[str]:
        return [one["TrialName"] for one in lab("ListTrials", **params)["TrialSummaries"]]

    assert names(ExperimentName="one") == ["t-one"]
    assert names(TrialComponentName="c") == ["t-two"]
    assert names(TrialComponentName="none") == []
    assert sorted(names()) == ["t-one", "t-two"]


def test_a_trial_with_components_is_kept(lab: Lab) -> None:
    lab("CreateExperiment", ExperimentName="e")
    lab("CreateTrial", TrialName="t", ExperimentName="e")
    lab("CreateTrialComponent", TrialComponentName="c")
    lab("AssociateTrialComponent", TrialName="t", TrialComponentName="c")
    assert "still uses it" in lab.refused("DeleteTrial", TrialName="t")
    lab("DisassociateTrialComponent", TrialName="t", TrialComponentName="c")
    lab("DeleteTrial", TrialName="t")
