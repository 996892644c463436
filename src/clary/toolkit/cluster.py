"""The hosts of one job and the state they share: initialize, update, merge, finalize.

The protocol is that of Liberty et al., "Elastic Machine Learning Algorithms in Amazon SageMaker" (SIGMOD
2020), with a barrier at every merge:

* *initialize*: ``Cluster.join``. The first host listens, the others connect to it and say which host they
  are.
* *update*: each host works on its own rows; nothing is sent.
* *merge*: ``merge`` adds an array over all hosts, ``gather`` puts their arrays one after the other. All hosts
  must call it with arrays of the same form at the same point, and all get the same result: the first host
  adds in the order of the hosts, so the result does not depend on who came first.
* *finalize*: ``close``. The first host writes the model.

A message is the length of its payload, eight bytes little endian, and the payload, the bytes of an array.
"""

import socket
import struct
import time
from collections.abc import Sequence
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

from clary.toolkit.errors import ClientError

PORT = 29400
"""Where the first host listens, on its own address."""

_JOINING = 300.0  # seconds for all hosts to start; capacity may let them in one by one
_SILENCE = 3600.0  # seconds a host may work between two merges
_RETRY = 0.05
_HEAD = struct.Struct("<Q")

N = TypeVar("N", bound=np.generic)


class Cluster:
    """The hosts of a job as one of them sees them; one host alone merges with nobody."""

    def __init__(self, hosts: Sequence[str] = ("algo-1",), host: str = "algo-1") -> None:
        self.hosts = tuple(sorted(hosts))
        self.rank = self.hosts.index(host)
        self._peers: dict[int, socket.socket] = {}

    @property
    def size(self) -> int:
        """The number of hosts."""
        return len(self.hosts)

    @property
    def leads(self) -> bool:
        """Whether this is the first host, which listens, reports and saves the model."""
        return self.rank == 0

    @classmethod
    def join(cls, hosts: Sequence[str], host: str, port: int = PORT, timeout: float = _JOINING) -> Self:
        """Wait until all ``hosts`` are there; raise ClientError that names who is not after ``timeout`` s."""
        cluster = cls(hosts, host)
        if cluster.size > 1:
            deadline = time.monotonic() + timeout
            if cluster.leads:
                cluster._listen(port, deadline)
            else:
                cluster._connect(port, deadline)
        return cluster

    def merge(self, state: npt.NDArray[N]) -> npt.NDArray[N]:
        """Return the sum of ``state`` over all hosts; raises ClientError when a host is lost."""
        if self.size == 1:
            return state
        if not self.leads:
            self._send(0, state.tobytes())
            return np.frombuffer(self._receive(0), state.dtype).reshape(state.shape)
        total = state.copy()
        for rank in range(1, self.size):
            np.add(total, np.frombuffer(self._receive(rank), state.dtype).reshape(state.shape), out=total)
        self._send_all(total.tobytes())
        return total

    def gather(self, part: npt.NDArray[N]) -> npt.NDArray[N]:
        """Return the rows of all hosts' ``part``, in the order of the hosts."""
        if self.size == 1:
            return part
        if not self.leads:
            self._send(0, part.tobytes())
            return np.frombuffer(self._receive(0), part.dtype).reshape(-1, *part.shape[1:])
        received = b"".join([part.tobytes(), *(self._receive(rank) for rank in range(1, self.size))])
        self._send_all(received)
        return np.frombuffer(received, part.dtype).reshape(-1, *part.shape[1:])

    def largest(self, number: int) -> int:
        """Return the largest ``number`` of any host."""
        return int(self.gather(np.array([number], np.int64)).max())

    def total(self, number: float) -> float:
        """Return the sum of all hosts' ``number``."""
        return float(self.merge(np.array([number], np.float64))[0])

    def close(self) -> None:
        """Leave; a host that still waits for this one learns so."""
        for peer in self._peers.values():
            peer.close()
        self._peers = {}

    def _listen(self, port: int, deadline: float) -> None:
        address = socket.gethostbyname(self.hosts[0])
        try:
            server = socket.create_server((address, port), backlog=self.size)
        except OSError as error:
            raise ClientError(
                f"{self.hosts[0]} cannot listen on {address}:{port}: {error.strerror}."
            ) from error
        with server:
            while len(self._peers) < self.size - 1:
                missing = [name for rank, name in enumerate(self.hosts) if rank and rank not in self._peers]
                server.settimeout(_left(deadline, f"{', '.join(missing)} did not join"))
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                self._greet(peer)

    def _greet(self, peer: socket.socket) -> None:
        """Take a host in that says who it is; anything else that connects is turned away."""
        _tune(peer)
        try:
            name = _read(peer).decode()
        except (OSError, ValueError):
            peer.close()
            return
        if name in self.hosts[1:] and self.hosts.index(name) not in self._peers:
            self._peers[self.hosts.index(name)] = peer
        else:
            peer.close()

    def _connect(self, port: int, deadline: float) -> None:
        while True:
            left = _left(deadline, f"{self.hosts[0]} could not be reached on port {port}")
            try:
                peer = socket.create_connection((self.hosts[0], port), timeout=left)
            except OSError:
                time.sleep(_RETRY)  # it has not begun to listen
                continue
            _tune(peer)
            self._peers[0] = peer
            self._send(0, self.hosts[self.rank].encode())
            return

    def _send_all(self, payload: bytes) -> None:
        for rank in range(1, self.size):
            self._send(rank, payload)

    def _send(self, rank: int, payload: bytes) -> None:
        try:
            self._peers[rank].sendall(_HEAD.pack(len(payload)) + payload)
        except OSError as error:
            raise self._lost(rank, error) from error

    def _receive(self, rank: int) -> bytes:
        try:
            return _read(self._peers[rank])
        except OSError as error:
            raise self._lost(rank, error) from error

    def _lost(self, rank: int, error: OSError) -> ClientError:
        reason = f"did not answer for {_SILENCE:.0f} s" if isinstance(error, TimeoutError) else "ended"
        return ClientError(
            f"Host {self.hosts[rank]} of this job {reason}, so {self.hosts[self.rank]} cannot go on: "
            f"the cause is in the log of {self.hosts[rank]}."
        )


def _tune(peer: socket.socket) -> None:
    peer.settimeout(_SILENCE)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _read(peer: socket.socket) -> bytes:
    return _exactly(peer, _HEAD.unpack(_exactly(peer, _HEAD.size))[0])


def _exactly(peer: socket.socket, count: int) -> bytes:
    content = bytearray(count)
    room = memoryview(content)
    while room:
        received = peer.recv_into(room)
        if not received:
            raise ConnectionError("the connection was closed")
        room = room[received:]
    return bytes(content)


def _left(deadline: float, complaint: str) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise ClientError(f"{complaint} in time: all hosts of a job must start and reach each other.")
    return left
