"""Amazon Resource Names: made and taken apart in one place."""

from typing import NamedTuple


class Arn(NamedTuple):
    """``arn:partition:service:region:account:resource``."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        """Return the name in its one-line form."""
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def make(service: str, region: str, account: str, resource: str) -> str:
    """Return the ARN of ``resource`` in the partition its region belongs to."""
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    return str(Arn(partition, service, region, account, resource))


def parse(text: str) -> Arn:
    """Take an ARN apart; raises ValueError when ``text`` is not one."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValueError(f"{text!r} is not an ARN")
    return Arn(*parts[1:])
