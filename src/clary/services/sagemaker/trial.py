"""Trial: one try of an experiment; a record that groups trial components."""

from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import membership
from clary.store.resources import Query, Row


class Trial(Record):
    """What components are associated with."""

    def __init__(self) -> None:
        super().__init__(
            "Trial", Traits(resource="experiment-trial", refers={"ExperimentName": "Experiment"})
        )

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List to the trials of a component."""
        if member != "TrialComponentName":
            return None
        component = platform.get("TrialComponent", value)
        return membership.among(platform, query, membership.trials(platform, component) if component else ())

    def holder(self, platform: Platform, row: Row) -> str | None:
        """Keep a trial that components are associated with."""
        return "TrialComponent" if membership.components(platform, [row]) else None
