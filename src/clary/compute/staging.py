"""Staging: puts files before a run by link and takes its results away as an archive."""

import errno
import fcntl
import gzip
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from clary.core.errors import validation

MAX_BYTES = 64 * 2**30
MAX_MEMBERS = 100_000

_GZIP_LEVEL = 1  # model files hardly compress; higher levels cost five times the time for a few per cent
_HEADER_LIMIT = 2**20  # bytes
_PIECE = 2**16
_LARGE_PIECE = 2**22
_FICLONE = 0x40049409
"""Linux's request to make a file of another's blocks."""
_CANNOT_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP}


def link_tree(files: Iterable[tuple[Path, str]], target: Path) -> None:
    """Make each file appear under ``target`` by its relative name; may be repeated.

    A file is hard-linked, so what a run writes into it in place changes the source: keep sources read-only.
    Across file systems it is copied. Raises ClaryError for a name that leads out of ``target`` or is both a
    file and a folder.
    """
    _fill(files, target, _link)


def copy_tree(files: Iterable[tuple[Path, str]], target: Path) -> None:
    """Make a copy of each file under ``target``, as ``link_tree`` makes links; the run may change it.

    Where the file system can, the copy shares its blocks with the source until one of them changes.
    """
    _fill(files, target, _copy)


def _fill(files: Iterable[tuple[Path, str]], target: Path, put: Callable[[Path, Path], None]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for source, name in files:
        path = target.joinpath(*relative_parts(name))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise FileExistsError
            path.unlink(missing_ok=True)
            put(source, path)
        except (FileExistsError, NotADirectoryError):
            raise validation(
                f"{name!r} cannot be staged: the same name is a file for one object and a folder for another."
            ) from None


def relative_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a relative file name; raises ClaryError (ValidationException) where it is none."""
    parts = tuple(name.split("/"))
    if "\0" in name or any(part in {"", ".", ".."} for part in parts):
        raise validation(
            f"{name!r} is no relative file name: it is absolute or has an empty part, '.' or '..'."
        )
    return parts


def _copy(source: Path, path: Path) -> None:
    with source.open("rb") as old, path.open("xb") as new:
        try:
            fcntl.ioctl(new, _FICLONE, old.fileno())
        except OSError:
            shutil.copyfileobj(old, new, _LARGE_PIECE)


def _link(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        shutil.copyfile(source, path)


class Writer(Protocol):
    """Whatever an archive can be written to."""

    def write(self, data: bytes, /) -> object:
        """Append ``data``."""
        ...


def pack(folders: Iterable[Path], archive: Writer) -> None:
    """Write all that lies under ``folders`` to one ``tar.gz`` with relative names.

    The same contents make the same bytes: names are sorted, times, owners and all modes but the executable
    bit are dropped. Links stay links, so nothing outside the folders gets in; sockets and devices are not
    packed. Where two folders have the same name, that of the first is packed.
    """
    with (
        gzip.GzipFile("", "wb", _GZIP_LEVEL, cast("BinaryIO", archive), mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w:", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, name in merged(folders):
            _pack_member(tar, path, name)


def merged(folders: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield all that lies under ``folders`` with its relative name, sorted by name and no name twice.

    The first folder that has a name decides; what others have below a file of that name is left out.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for path in _walk(folder):
            found.setdefault(path.relative_to(folder).as_posix(), path)
    closed = {name for name, path in found.items() if path.is_symlink() or not path.is_dir()}
    for name in sorted(found):
        if not any(str(parent) in closed for parent in PurePosixPath(name).parents):
            yield found[name], name


def unpack(archive: Path, target: Path, max_bytes: int = MAX_BYTES, max_members: int = MAX_MEMBERS) -> None:
    """Extract a ``tar.gz`` under ``target``.

    Raises ClaryError (ValidationException) that names the member for one that is absolute, leads out of
    ``target`` by its name or through a link, links out, is a device, or makes the contents exceed
    ``max_bytes`` bytes or ``max_members`` members; and for what is no archive. Members before it stay
    extracted.
    """
    target.mkdir(parents=True, exist_ok=True)
    try:
        with _Bounded(archive) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            _extract_all(tar, target, max_bytes, max_members)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise validation(f"{archive.name} is not a whole tar.gz archive: {error}") from error


class _Bounded(gzip.GzipFile):
    """A file that refuses a huge piece, as a header made to fill the memory asks for."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _HEADER_LIMIT:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return super().read(size)


def _extract_all(tar: tarfile.TarFile, target: Path, max_bytes: int, max_members: int) -> None:
    total = 0
    for count, member in enumerate(tar, 1):
        total += member.size
        if count > max_members or total > max_bytes:
            raise validation(
                f"Archive member {member.name!r} exceeds the limit: {max_bytes} bytes, {max_members} members."
            )
        path = _place(target, member.name, member)
        if path != target:
            _extract(tar, member, path, target)


def _place(target: Path, name: str, member: tarfile.TarInfo) -> Path:
    """Return where a name of the archive lies, having made sure that the way there stays inside."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise validation(f"Archive member {member.name!r} is refused: {name!r} leads out of the archive.")
    path = target
    for part in parts[:-1]:
        path /= part
        if path.is_symlink():
            raise validation(f"Archive member {member.name!r} is refused: its path goes through a link.")
    return target.joinpath(*parts)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, target: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if member.isdir():
            path.mkdir(exist_ok=True)
            return
        path.unlink(missing_ok=True)
        if member.isreg():
            _write(tar, member, path)
        elif member.issym():
            _symlink(member, path, target)
        elif member.islnk():
            os.link(_place(target, member.linkname, member), path, follow_symlinks=False)
        else:
            raise validation(f"Archive member {member.name!r} is refused: it is a device or a pipe.")
    except (FileExistsError, FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise validation(f"Archive member {member.name!r} cannot be extracted: {error.strerror}.") from error


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    source = tar.extractfile(member)
    if source is None:
        raise tarfile.ReadError(f"{member.name!r} has no contents")
    with source, path.open("xb") as file:
        shutil.copyfileobj(source, file, _PIECE)
    path.chmod(0o755 if member.mode & stat.S_IXUSR else 0o644)


def _symlink(member: tarfile.TarInfo, path: Path, target: Path) -> None:
    """Make a link that stays inside: first up, then down, so that no other link can bend it outwards."""
    parts = PurePosixPath(member.linkname).parts
    up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    depth = len(path.parent.relative_to(target).parts)
    if member.linkname.startswith("/") or up > depth or ".." in parts[up:]:
        raise validation(
            f"Archive member {member.name!r} is refused: it links to {member.linkname!r}, outside."
        )
    path.symlink_to(member.linkname)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(parent, name)


def _pack_member(tar: tarfile.TarFile, path: Path, name: str) -> None:
    status = path.lstat()
    info = tarfile.TarInfo(name)
    info.mode = 0o755 if status.st_mode & stat.S_IXUSR else 0o644
    if stat.S_ISLNK(status.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
        tar.addfile(info)
    elif stat.S_ISDIR(status.st_mode):
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    elif stat.S_ISREG(status.st_mode):
        info.size = status.st_size
        with path.open("rb") as file:
            tar.addfile(info, file)
