"""Writing a file so that a reader, or a power cut, finds either the old bytes or the new ones."""

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes, mode: int = 0o640) -> None:
    """Write beside `path`, flush to the disk, and rename over it. OSError leaves the old file as it was."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        write_through(beside, data, mode)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def write_through(path: Path, data: bytes, mode: int) -> None:
    """Write a whole file and flush it to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with open(descriptor, "wb", buffering=0, closefd=True) as file:  # noqa: PTH123 - a descriptor has no path
        view = memoryview(data)
        while view:
            view = view[file.write(view) or 0 :]
        os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Flush a folder, so that a rename in it survives a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
