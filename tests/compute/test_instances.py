"""Instance types: the rule against published sizes."""

import pytest

from clary.compute import instances
from clary.compute.run_spec import Resources
from clary.core.errors import ClaryError


@pytest.mark.parametrize(
    ("name", "vcpus", "gib", "gpus"),
    [
        ("ml.t2.medium", 2, 4, 0),
        ("ml.t3.medium", 2, 4, 0),
        ("ml.t3.xlarge", 4, 16, 0),
        ("ml.m4.10xlarge", 40, 160, 0),
        ("ml.m5.large", 2, 8, 0),
        ("ml.m5.24xlarge", 96, 384, 0),
        ("ml.m7i.48xlarge", 192, 768, 0),
        ("ml.c4.xlarge", 4, 7.5, 0),
        ("ml.c4.8xlarge", 36, 60, 0),
        ("ml.c5.9xlarge", 36, 72, 0),
        ("ml.c5n.large", 2, 5.25, 0),
        ("ml.c6i.2xlarge", 8, 16, 0),
        ("ml.r5.4xlarge", 16, 128, 0),
        ("ml.p2.xlarge", 4, 61, 1),
        ("ml.p3.2xlarge", 8, 61, 1),
        ("ml.p3.16xlarge", 64, 488, 8),
        ("ml.p4d.24xlarge", 96, 1152, 8),
        ("ml.p5.4xlarge", 16, 256, 1),
        ("ml.p5.48xlarge", 192, 2048, 8),
        ("ml.g4dn.xlarge", 4, 16, 1),
        ("ml.g5.12xlarge", 48, 192, 4),
        ("ml.g5.16xlarge", 64, 256, 1),
        ("ml.g6e.48xlarge", 192, 1536, 8),
        ("ml.inf1.6xlarge", 24, 48, 0),
        ("ml.trn1.32xlarge", 128, 512, 0),
    ],
)
def test_sizes_are_the_published_ones(name: str, vcpus: int, gib: float, gpus: int) -> None:
    assert instances.resources(name) == Resources(vcpus, round(gib * 1024), gpus)


def test_local_is_this_machine() -> None:
    assert instances.resources("local") == instances.machine()
    assert instances.machine().vcpus == instances.cores() >= 1
    assert instances.machine().memory_mib > 100


@pytest.mark.parametrize("name", ["", "m5.large", "ml.m5", "ml.zz9.large", "ml.m5.huge", "ml.m5.large\n"])
def test_an_unknown_type_is_named(name: str) -> None:
    with pytest.raises(ClaryError) as caught:
        instances.resources(name)
    assert caught.value.code == "ValidationException"
    assert repr(name) in caught.value.message
