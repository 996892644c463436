"""Records: the nouns of SageMaker that are their document and nothing else, with what is peculiar to each."""

from clary.engine.kind import Kind
from clary.engine.record import Record, Traits

_PROPERTIES = {"PropertiesToRemove": "Properties"}
_OF_SOURCE = {"SourceUri": "Source.SourceUri"}
_OF_DOMAIN = {"DomainIdEquals": "DomainId"}


def _job_definition(kind: str) -> Record:
    """Return what monitors of one ``kind`` look at; each is listed by the endpoint that is its input."""
    endpoint = f"{kind}JobInput.EndpointInput.EndpointName"
    traits = Traits(
        named_by=("JobDefinitionName",),
        arn_aliases=("MonitoringJobDefinitionArn",),
        name_aliases=("MonitoringJobDefinitionName",),
        filters={"EndpointName": endpoint},
        shows={"EndpointName": endpoint},
    )
    return Record(f"{kind}JobDefinition", traits)


RECORDS: tuple[Kind, ...] = (
    Record("AIWorkloadConfig", Traits(resource="ai-workload-config")),
    Record("Action", Traits(removes=_PROPERTIES, filters=_OF_SOURCE)),
    Record("AppImageConfig"),
    Record("CodeRepository", Traits(merges=("GitConfig",))),
    Record("Context", Traits(removes=_PROPERTIES, filters=_OF_SOURCE)),
    _job_definition("DataQuality"),
    _job_definition("ModelBias"),
    _job_definition("ModelExplainability"),
    _job_definition("ModelQuality"),
    Record(
        "DeviceFleet", Traits(held_by={"EdgeDeploymentPlan": "DeviceFleetName", "Device": "DeviceFleetName"})
    ),
    Record(
        "Domain",
        Traits(
            named_by=("DomainId",),
            generated="d-",
            status="InService",
            held_by={"UserProfile": "DomainId", "Space": "DomainId"},
            refuses={"CreatePresignedDomainUrl": "The applications of a domain are not run here."},
        ),
    ),
    Record("Experiment", Traits(displayed="DisplayName", held_by={"Trial": "ExperimentName"})),
    Record("FlowDefinition", Traits(status="Active")),
    Record(
        "Hub",
        Traits(
            status="InService",
            held_by={"HubContent": "HubName"},
            refuses=dict.fromkeys(
                (
                    "CreateHubContentReference",
                    "DeleteHubContentReference",
                    "UpdateHubContentReference",
                ),
                "References lead to SageMaker's public hub, which is not on this server: bring contents in "
                "by ImportHubContent.",
            ),
        ),
    ),
    Record("Image", Traits(status="CREATED", takes=("ImageVersion",))),
    Record("NotebookInstanceLifecycleConfig"),
    Record(
        "Space",
        Traits(
            named_by=("DomainId", "SpaceName"),
            status="InService",
            refers={"DomainId": "Domain"},
            filters=_OF_DOMAIN,
            refuses={"StartSession": "Spaces run no applications here that could be connected to."},
        ),
    ),
    Record("StudioLifecycleConfig", Traits(filters={"AppTypeEquals": "StudioLifecycleConfigAppType"})),
    Record(
        "UserProfile",
        Traits(
            named_by=("DomainId", "UserProfileName"),
            status="InService",
            refers={"DomainId": "Domain"},
            filters=_OF_DOMAIN,
        ),
    ),
    Record("Workforce", Traits(status="Active", held_by={"Workteam": "WorkforceName"})),
    Record(
        "Workteam",
        Traits(
            resource="workteam/private-crowd",
            refers={"WorkforceName": "Workforce"},
            answers={"Success": True},
        ),
    ),
)
