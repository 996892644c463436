"""Component metrics: where the points of a trial component are kept, its own and those of its job."""

from collections.abc import Sequence

from clary.engine.platform import Platform
from clary.services import training_history, training_story
from clary.store.metrics import Point, Series
from clary.store.resources import Row

NAMESPACE = "/aws/sagemaker/TrialComponents"


def own(component: Row) -> Series:
    """Return where the points go that clients put."""
    return Series(NAMESPACE, {"TrialComponent": component.name})


def component_of(job: str) -> str:
    """Return the name of the component that tells of a training job."""
    return f"{job}-{training_story.SUFFIX}"


def read(platform: Platform, component: Row, name: str | None = None) -> Sequence[Point]:
    """Return the points of a component, of one metric when ``name`` is given, oldest first."""
    found = list(platform.metrics.get(own(component), name))
    source = component.doc.get("Source") or {}
    if source.get("SourceType") == "SageMakerTrainingJob":
        job = component.name.removesuffix(f"-{training_story.SUFFIX}")
        found += platform.metrics.get(Series(training_history.NAMESPACE, {"TrainingJobName": job}), name)
    return sorted(found, key=lambda point: point.at)
