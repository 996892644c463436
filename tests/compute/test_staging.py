"""Staging: links in, archives out, and archives of strangers held at bay."""

import errno
import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.compute import staging
from clary.core.errors import ClaryError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def test_files_are_linked_not_copied(tmp_path: Path) -> None:
    source = write(tmp_path / "blob", "data")
    staging.link_tree([(source, "train/part 1+é.csv")], tmp_path / "input")
    assert (tmp_path / "input/train/part 1+é.csv").samefile(source)


def test_staging_may_be_repeated(tmp_path: Path) -> None:
    staging.link_tree([(write(tmp_path / "a", "old"), "x/y")], tmp_path / "input")
    staging.link_tree([(write(tmp_path / "b", "new"), "x/y")], tmp_path / "input")
    assert tree(tmp_path / "input") == {"x/y": "new"}
    assert (tmp_path / "a").read_text() == "old"


def test_across_file_systems_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    source = write(tmp_path / "blob", "data")
    staging.link_tree([(source, "x")], tmp_path / "input")
    assert tree(tmp_path / "input") == {"x": "data"}
    assert not (tmp_path / "input/x").samefile(source)


def test_a_missing_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        staging.link_tree([(tmp_path / "missing", "x")], tmp_path / "input")


def test_a_copy_may_be_changed(tmp_path: Path) -> None:
    blob = write(tmp_path / "blob", "data")
    blob.chmod(0o400)
    for _ in range(2):
        staging.copy_tree([(blob, "deep/a")], tmp_path / "input")
        (tmp_path / "input/deep/a").write_text("changed")
    assert blob.read_text() == "data"


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../../b", "a//b", "a/", "./a", "a\0b"])
def test_a_name_that_is_not_relative_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ClaryError, match="no relative file name"):
        staging.link_tree([(write(tmp_path / "blob", "data"), name)], tmp_path / "input")
    assert tree(tmp_path / "input") == {}


@given(st.text())
def test_an_accepted_name_lies_inside(name: str) -> None:
    try:
        parts = staging.relative_parts(name)
    except ClaryError:
        return
    assert os.path.normpath("/root/" + "/".join(parts)) == "/root/" + name


@pytest.mark.parametrize("names", [["a", "a/b"], ["a/b", "a"]])
def test_a_name_that_is_file_and_folder_is_refused(tmp_path: Path, names: list[str]) -> None:
    source = write(tmp_path / "blob", "data")
    with pytest.raises(ClaryError, match="a file for one object and a folder for another"):
        staging.link_tree([(source, name) for name in names], tmp_path / "input")


def test_an_archive_gives_back_the_folder(tmp_path: Path) -> None:
    model = tmp_path / "model"
    write(model / "weights.bin", "weights" * 1000)
    write(model / "code/inference.py", "code").chmod(0o755)
    (model / "empty").mkdir()
    (model / "latest").symlink_to("weights.bin")
    (model / "code/up").symlink_to("../weights.bin")
    with (tmp_path / "model.tar.gz").open("wb") as archive:
        staging.pack([model], archive)
    staging.unpack(tmp_path / "model.tar.gz", tmp_path / "copy")
    assert tree(tmp_path / "copy") == tree(model)
    assert (tmp_path / "copy/empty").is_dir()
    assert (tmp_path / "copy/latest").readlink() == Path("weights.bin")
    assert (tmp_path / "copy/code/inference.py").stat().st_mode & 0o777 == 0o755
    with tarfile.open(tmp_path / "model.tar.gz") as tar:
        assert tar.getnames()[0] == "code"


def test_the_same_contents_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name / "b", "b")
        write(tmp_path / name / "a", "a")
        os.utime(tmp_path / name / "a", (len(name), 1 if name == "one" else 2))
        with (tmp_path / f"{name}.tar.gz").open("wb") as archive:
            staging.pack([tmp_path / name], archive)
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()


def test_several_folders_make_one_archive_in_which_the_first_decides(tmp_path: Path) -> None:
    for name, text in {
        "one/same": "first", "two/same": "second", "two/other": "2", "one/x": "file", "two/x/y": "below",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    merged = staging.merged([tmp_path / "one", tmp_path / "two"])
    assert {name: path.read_text() for path, name in merged} == {"same": "first", "other": "2", "x": "file"}


def test_packing_follows_no_link_and_keeps_no_device(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", "secret")
    model = tmp_path / "model"
    write(model / "a", "a")
    (model / "link").symlink_to(secret)
    (model / "folder").symlink_to(tmp_path)
    os.mkfifo(model / "pipe")
    with (tmp_path / "model.tar.gz").open("wb") as archive:
        staging.pack([model], archive)
    with tarfile.open(tmp_path / "model.tar.gz") as tar:
        assert {member.name: member.type for member in tar} == {
            "a": tarfile.REGTYPE,
            "link": tarfile.SYMTYPE,
            "folder": tarfile.SYMTYPE,
        }


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", text: bytes = b"") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(text)
    return info


def archive(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info in members:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    return path


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([member("/etc/evil")], "'/etc/evil' leads out"),
        ([member("a/../../evil")], "leads out"),
        ([member("evil", tarfile.SYMTYPE, "/etc/passwd")], "it links to '/etc/passwd', outside"),
        ([member("a/evil", tarfile.SYMTYPE, "../../x")], "it links to"),
        ([member("evil", tarfile.SYMTYPE, "a/../../x")], "it links to"),
        ([member("evil", tarfile.LNKTYPE, "../outside")], "leads out"),
        ([member("l", tarfile.SYMTYPE, "d"), member("l/evil")], "goes through a link"),
        ([member("l", tarfile.SYMTYPE, "d"), member("evil", tarfile.LNKTYPE, "l/x")], "goes through a link"),
        ([member("evil", tarfile.CHRTYPE)], "a device or a pipe"),
        ([member("evil", tarfile.FIFOTYPE)], "a device or a pipe"),
        ([member("evil", text=b"x" * 1001)], "'evil' exceeds the limit"),
        ([member("a", text=b"x" * 600), member("evil", text=b"x" * 600)], "'evil' exceeds the limit"),
        ([member(f"m{n}") for n in range(6)], "'m5' exceeds the limit"),
        ([member("a"), member("a/evil")], "'a/evil' cannot be extracted"),
        ([member("a/evil"), member("a")], "'a' cannot be extracted"),
        ([member("evil", tarfile.LNKTYPE, "missing")], "'evil' cannot be extracted"),
    ],
)
def test_a_hostile_member_is_refused_by_name(
    tmp_path: Path, members: list[tarfile.TarInfo], reason: str
) -> None:
    write(tmp_path / "outside", "untouched")
    path = archive(tmp_path / "a.tar.gz", *members)
    with pytest.raises(ClaryError) as caught:
        staging.unpack(path, tmp_path / "target", max_bytes=1000, max_members=5)
    assert caught.value.code == "ValidationException"
    assert reason in caught.value.message
    assert {entry.name for entry in tmp_path.iterdir()} == {"outside", "a.tar.gz", "target"}
    assert (tmp_path / "outside").read_text() == "untouched"


def test_a_link_is_replaced_not_written_through(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", "untouched")
    (tmp_path / "target").mkdir()
    (tmp_path / "target/x").symlink_to(outside)
    staging.unpack(archive(tmp_path / "a.tar.gz", member("x", text=b"new")), tmp_path / "target")
    assert outside.read_text() == "untouched"
    assert not (tmp_path / "target/x").is_symlink()


def test_links_within_the_archive_are_kept(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.tar.gz",
        member("blobs/x", text=b"x"),
        member("snapshots/1/x", tarfile.SYMTYPE, "../../blobs/x"),
        member("same", tarfile.LNKTYPE, "blobs/x"),
    )
    staging.unpack(path, tmp_path / "target")
    assert (tmp_path / "target/snapshots/1/x").read_text() == "x"
    assert (tmp_path / "target/same").samefile(tmp_path / "target/blobs/x")


def test_a_header_made_to_fill_the_memory_is_refused(tmp_path: Path) -> None:
    header = member("././@PaxHeader", tarfile.XHDTYPE)
    header.size = 2**40
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT)))
    with pytest.raises(ClaryError, match="a header of"):
        staging.unpack(tmp_path / "a.tar.gz", tmp_path / "target")


@pytest.mark.parametrize(
    "spoil",
    [lambda data: b"", lambda data: b"no archive", lambda data: data[: len(data) // 2], gzip.decompress],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = archive(tmp_path / "model.tar.gz", member("a", text=os.urandom(1000).hex().encode()))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ClaryError, match=r"model.tar.gz is not a whole tar.gz"):
        staging.unpack(path, tmp_path / "target")
