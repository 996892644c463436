"""Experiments, runs and lineage as SDK v2 uses them."""

import re

from tests.e2e.conftest import Server


def test_runs_are_tracked_and_a_model_leads_back_to_its_data(server: Server) -> None:
    done = server.python("examples/track_experiments.py")
    assert done.returncode == 0, done.stderr
    assert re.search(r"guess\s+0.5$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"train\s+0.1$", done.stdout, re.MULTILINE), done.stdout
    behind = re.findall(r"^(?:Artifact|TrialComponent)\s+(\S+)$", done.stdout, re.MULTILINE)
    assert sorted(behind) == ["DataSet", "Image", "Model", "TrainingJob"]
