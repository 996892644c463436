"""SageMaker without running anything: every resource has settled when it is created."""

from functools import cache
from typing import Any

from clary.engine.kind import Kind
from clary.engine.state import State
from clary.services.sagemaker import SEARCHED
from clary.services.sagemaker.search import Search
from clary.services.simulation.automl_job_v2 import AutoMLJobV2
from clary.services.simulation.cluster import Cluster
from clary.services.simulation.endpoint import Endpoint
from clary.services.simulation.inference_component import InferenceComponent
from clary.services.simulation.model import Model
from clary.services.simulation.notebook_instance import NotebookInstance
from clary.services.simulation.pipeline import Pipeline
from clary.services.simulation.pipeline_execution import PipelineExecution
from clary.services.simulation.processing_job import ProcessingJob
from clary.services.simulation.simulated import Simulated
from clary.services.simulation.training_job import TrainingJob
from clary.services.simulation.transform_job import TransformJob

_PECULIAR: dict[str, type[Simulated]] = {
    "TrainingJob": TrainingJob,
    "Model": Model,
    "EndpointConfig": Simulated,
    "Endpoint": Endpoint,
    "AutoMLJobV2": AutoMLJobV2,
    "Cluster": Cluster,
    "InferenceComponent": InferenceComponent,
    "NotebookInstance": NotebookInstance,
    "PipelineExecution": PipelineExecution,
    "ProcessingJob": ProcessingJob,
    "TransformJob": TransformJob,
}
"""Nouns with something of their own to simulate; all others that would run follow from the model alone."""

_LENIENT: dict[str, Kind] = {"Pipeline": Pipeline()}
"""Records that check less than they do where something is to run."""


@cache
def kinds(model: Any) -> tuple[Kind, ...]:
    """Return what answers when nothing is to run: records as they are, all else simulated.

    ``model`` is botocore's model of SageMaker.
    """
    found = tuple(_simulated(kind, model) for kind in SEARCHED)
    return (*found, Search(found))


def _simulated(kind: Kind, model: Any) -> Kind:
    if kind.noun not in _PECULIAR and kind.state is not State.SIMULATED:
        return _LENIENT.get(kind.noun, kind)
    return _PECULIAR.get(kind.noun, Simulated)(kind, model)
