"""What Linux tells of processes and of connections on this machine."""

import os
import signal
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class End:
    """The server's end of a connection. inode: of its socket, 0 until a process has accepted it. unread: bytes that
    came and that the process has not read."""

    inode: int
    unread: int


def children(pid):
    """The ids of a process's own children; none once it is gone."""
    found = []
    for task in PROC.glob(f"{pid}/task/*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return [child for child in found if not gone(child)]


def gone(pid):
    """Whether a process has ended, though its parent may not have asked how."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def command(pid):
    """A process's command line, its words ended by zeros; empty once it is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_text()
    except OSError:
        return ""


def kill(pid):
    """End a process as if the power had failed it; one that is gone already is left in peace."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_gone(pids, patience):
    """Wait until all have ended; those that have not after so many seconds."""
    deadline = time.monotonic() + patience
    while (left := [pid for pid in pids if not gone(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def other_end(sock):
    """The `End` that is opposite to a connected IPv4 socket of ours on this machine, or None."""
    return _end(sock, (PROC / "net/tcp").read_text())


def taken(socks):
    """Whether a process has accepted all these connections, and read all that was sent on them."""
    table = (PROC / "net/tcp").read_text()
    ends = [_end(sock, table) for sock in socks]
    return all(end is not None and end.inode and not end.unread for end in ends)


def _end(sock, table):
    ends = f" {_address(sock.getpeername())} {_address(sock.getsockname())} "
    if (place := table.find(ends)) < 0:
        return None
    # From here on a line's words: local and remote address, state, queues, timer, retransmits, user, timeout, inode.
    _local, _remote, _state, queues, _timer, _again, _user, _timeout, inode, *_more = table[place:].split(maxsplit=10)
    return End(int(inode), int(queues.partition(":")[2], 16))


def holder(inode, pids):
    """Which of the processes holds a socket, or None."""
    for pid in pids:
        with suppress(OSError):
            for link in (PROC / str(pid) / "fd").iterdir():
                with suppress(OSError):
                    if str(link.readlink()) == f"socket:[{inode}]":
                        return pid
    return None


def _address(pair):
    """Host and port as /proc/net/tcp writes them."""
    host, port = pair
    (number,) = struct.unpack("=I", socket.inet_aton(host))
    return f"{number:08X}:{port:04X}"
