"""Amazon SageMaker's resources; one file per noun."""

from clary.engine.kind import Kind
from clary.services.sagemaker.endpoint import Endpoint
from clary.services.sagemaker.endpoint_config import EndpointConfig
from clary.services.sagemaker.model import Model
from clary.services.sagemaker.records import RECORDS
from clary.services.sagemaker.training_job import TrainingJob
from clary.services.sagemaker.unbuilt import UNBUILT

KINDS: tuple[Kind, ...] = (TrainingJob(), Model(), EndpointConfig(), Endpoint(), *RECORDS, *UNBUILT)
