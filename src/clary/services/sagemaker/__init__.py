"""Amazon SageMaker's resources; one file per noun."""

from clary.engine.kind import Kind
from clary.services.sagemaker.algorithm import Algorithm
from clary.services.sagemaker.artifact import Artifact
from clary.services.sagemaker.association import Association
from clary.services.sagemaker.device import Device
from clary.services.sagemaker.edge_deployment_plan import EdgeDeploymentPlan
from clary.services.sagemaker.endpoint import Endpoint
from clary.services.sagemaker.endpoint_config import EndpointConfig
from clary.services.sagemaker.feature_group import FeatureGroup
from clary.services.sagemaker.hub_content import HubContent
from clary.services.sagemaker.hub_content_version import HubContentVersion
from clary.services.sagemaker.human_task_ui import HumanTaskUi
from clary.services.sagemaker.image_version import ImageVersion
from clary.services.sagemaker.model import Model
from clary.services.sagemaker.model_card import ModelCard
from clary.services.sagemaker.model_card_version import ModelCardVersion
from clary.services.sagemaker.model_package import ModelPackage
from clary.services.sagemaker.model_package_group import ModelPackageGroup
from clary.services.sagemaker.pipeline import Pipeline
from clary.services.sagemaker.pipeline_version import PipelineVersion
from clary.services.sagemaker.project import Project
from clary.services.sagemaker.records import RECORDS
from clary.services.sagemaker.search import Search
from clary.services.sagemaker.servicecatalog_portfolio import ServicecatalogPortfolio
from clary.services.sagemaker.training_job import TrainingJob
from clary.services.sagemaker.trial import Trial
from clary.services.sagemaker.trial_component import TrialComponent
from clary.services.sagemaker.unbuilt import UNBUILT

SEARCHED: tuple[Kind, ...] = (
    TrainingJob(),
    Model(),
    EndpointConfig(),
    Endpoint(),
    Trial(),
    TrialComponent(),
    Artifact(),
    Association(),
    ModelPackageGroup(),
    ModelPackage(),
    Algorithm(),
    HubContent(),
    HubContentVersion(),
    HumanTaskUi(),
    Project(),
    ServicecatalogPortfolio(),
    Device(),
    EdgeDeploymentPlan(),
    FeatureGroup(),
    ImageVersion(),
    ModelCard(),
    ModelCardVersion(),
    Pipeline(),
    PipelineVersion(),
    *RECORDS,
    *UNBUILT,
)
"""The nouns that Search looks for."""

KINDS: tuple[Kind, ...] = (*SEARCHED, Search(SEARCHED))
