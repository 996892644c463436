"""Control groups: where they are found, what is written into them, and that the kernel keeps to it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.compute import control_group
from clary.compute.control_group import ControlGroup, Hierarchy
from clary.compute.limits import Limits

HOG = """
import os, sys
open(sys.argv[1] + "/cgroup.procs", "w").write("0")
bytearray(200 << 20)
print("had it")
"""
BREED = """
import os, subprocess, sys
open(sys.argv[1] + "/cgroup.procs", "w").write("0")
children = []
try:
    for _ in range(100):
        children.append(subprocess.Popen(["sleep", "60"]))
except OSError as error:
    print(len(children), error.strerror)
for child in children:
    child.kill()
"""


def machine(folder: Path, cgroup: str, *mounts: str) -> Path:
    """Write what /proc/self says of a machine's groups; ``{}`` stands for the folder."""
    proc = folder / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text(cgroup)
    (proc / "mountinfo").write_text("".join(f"{mount.format(folder)}\n" for mount in mounts))
    return proc


V1 = (
    "30 24 0:26 / {}/memory rw,relatime - cgroup cgroup rw,memory",
    "31 24 0:27 / {}/pids rw,relatime - cgroup cgroup rw,pids",
)
V2 = "29 24 0:25 / {}/unified rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"


def delegated(folder: Path, name: str = "user.slice/own.scope", controllers: str = "cpu memory pids") -> Path:
    """Make a version 2 group that belongs to this user."""
    own = folder / "unified" / name
    own.mkdir(parents=True)
    (own / "cgroup.controllers").write_text(controllers)
    (own / "cgroup.subtree_control").write_text("")
    (own / "cgroup.procs").write_text("1\n")
    (folder / "unified/cgroup.events").touch()  # so the mount shows a part of the tree, not its root
    return own


def test_version_1_groups_are_made_below_the_servers_own(tmp_path: Path) -> None:
    proc = machine(tmp_path, "5:memory:/here\n4:pids,rdma:/\n0::/\n", *V1, V2)
    found = Hierarchy.find(proc)
    assert found == Hierarchy(1, {"memory": f"{tmp_path}/memory/here", "pids": f"{tmp_path}/pids"})


def test_a_mount_may_show_a_part_of_the_tree_only(tmp_path: Path) -> None:
    mounts = [mount.replace(" / {}", " /docker/abc {}") for mount in V1]
    proc = machine(tmp_path, "5:memory:/docker/abc/x\n4:pids:/docker/abc\n", *mounts)
    assert dict(Hierarchy.find(proc).folders) == {
        "memory": f"{tmp_path}/memory/x",
        "pids": f"{tmp_path}/pids",
    }


def test_version_2_groups_are_made_below_one_that_holds_no_processes(tmp_path: Path) -> None:
    own = delegated(tmp_path)
    proc = machine(tmp_path, "0::/user.slice/own.scope\n", V2)
    assert Hierarchy.find(proc) == Hierarchy(2, {"memory": str(own), "pids": str(own)})
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (own / "clary-server/cgroup.procs").read_text() == "1", "the kernel moves who is written there"


def test_a_server_that_starts_again_finds_the_same_place(tmp_path: Path) -> None:
    own = delegated(tmp_path)
    (own / "cgroup.subtree_control").write_text("memory pids")
    proc = machine(tmp_path, "0::/user.slice/own.scope/clary-server\n", V2)
    assert set(Hierarchy.find(proc).folders.values()) == {str(own)}


@pytest.mark.parametrize(
    ("controllers", "words"), [("cpu memory", "no controllers for pids"), ("", "memory and pids")]
)
def test_controllers_that_are_missing_are_named(tmp_path: Path, controllers: str, words: str) -> None:
    delegated(tmp_path, controllers=controllers)
    with pytest.raises(OSError, match=words):
        Hierarchy.find(machine(tmp_path, "0::/user.slice/own.scope\n", V2))


def test_a_machine_without_groups_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no control groups are mounted"):
        Hierarchy.find(machine(tmp_path, "0::/\n"))


def test_version_2_limits_are_written_where_the_kernel_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max")

    def kernel_mkdir(path: Path, **_: object) -> None:
        os.mkdir(path)  # noqa: PTH102 - the method itself is replaced
        for name in files:
            (path / name).touch()

    monkeypatch.setattr(Path, "mkdir", kernel_mkdir)
    group = ControlGroup.make(
        Hierarchy(2, {"memory": str(tmp_path), "pids": str(tmp_path)}), "run", Limits(1 << 30, 99)
    )
    assert [(tmp_path / "run" / name).read_text() for name in files] == ["1073741824", "0", "1", "99"]
    (group.memory / "memory.current").write_text("1000\n")
    (group.memory / "memory.stat").write_text("anon 600\ninactive_file 300\n")
    (group.memory / "memory.events").write_text("oom 1\noom_kill 2\noom_group_kill 1\n")
    assert (group.used(), group.kills()) == (700, 2)
    assert len(group.folders) == 1


@pytest.fixture
def unified() -> Iterator[tuple[Path, str]]:
    """A group of version 2 of this kernel's, below the root, that was given a controller to hand on."""
    lines = (line.partition(" - ") for line in Path("/proc/self/mountinfo").read_text().splitlines())
    points = [Path(left.split()[4]) for left, _, right in lines if right.startswith("cgroup2 ")]
    if not points or os.getuid() != 0 or (points[0] / "cgroup.events").exists():
        pytest.skip("the root of version 2 is not mounted here, or not ours to write")
    root, folder = points[0], points[0] / f"clary-test-{os.getpid()}"
    controllers = (root / "cgroup.controllers").read_text().split()
    if not controllers:
        pytest.skip("version 1 has all controllers")
    given = set((root / "cgroup.subtree_control").read_text().split())
    wanted = next((name for name in controllers if name in given), controllers[0])
    try:
        (root / "cgroup.subtree_control").write_text(f"+{wanted}")
        folder.mkdir()
    except OSError as error:
        pytest.skip(str(error))
    yield folder, wanted
    for group in [*(path.parent for path in folder.glob("*/cgroup.procs")), folder]:
        group.rmdir()
    if wanted not in given:
        (root / "cgroup.subtree_control").write_text(f"-{wanted}")


def test_this_kernel_lets_a_version_2_group_be_divided_once_it_is_cleared_out(
    unified: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a user to whom a group was delegated, in which the server and its parent run."""
    folder, controller = unified
    monkeypatch.setattr(control_group, "_CONTROLLERS", (controller,))
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    proc = machine(
        tmp_path,
        f"0::/{folder.name}\n",
        V2.format(tmp_path).replace(f"{tmp_path}/unified", str(folder.parent)),
    )
    with subprocess.Popen(["sleep", "60"]) as server:
        try:
            (folder / "cgroup.procs").write_text(str(server.pid))
            with pytest.raises(OSError, match="busy"):
                (folder / "cgroup.subtree_control").write_text(f"+{controller}")
            for _ in range(2):  # a server that starts again finds it so
                assert set(Hierarchy.find(proc).folders.values()) == {str(folder)}
            assert (folder / "clary-server/cgroup.procs").read_text() == f"{server.pid}\n"
            (folder / "run").mkdir()
            assert controller in (folder / "run/cgroup.controllers").read_text()
        finally:
            server.kill()


@pytest.fixture
def hierarchy() -> Hierarchy:
    try:
        return Hierarchy.usable()
    except OSError as error:
        pytest.skip(str(error))


@pytest.fixture
def group(hierarchy: Hierarchy) -> Iterator[ControlGroup]:
    group = ControlGroup.make(hierarchy, f"clary-test-{os.getpid()}", Limits(100 << 20, 20))
    yield group
    group.remove()
    assert not any(folder.exists() for folder in group.folders)


def test_the_kernel_kills_what_takes_too_much_memory(group: ControlGroup) -> None:
    assert group.kills() == 0
    done = subprocess.run([sys.executable, "-c", HOG, str(group.memory)], check=False, capture_output=True)
    assert (done.returncode, done.stdout) == (-9, b"")
    assert group.kills() == 1
    assert group.used() < 100 << 20


def test_the_kernel_refuses_too_many_processes(group: ControlGroup) -> None:
    command = [sys.executable, "-c", BREED, str(group.processes)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "19 Resource temporarily unavailable\n"


def test_a_group_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "pids").touch()
    with pytest.raises(OSError, match="Not a directory"):
        ControlGroup.make(
            Hierarchy(1, {"memory": str(tmp_path), "pids": str(tmp_path / "pids")}), "run", Limits()
        )
    assert not (tmp_path / "run").exists()
