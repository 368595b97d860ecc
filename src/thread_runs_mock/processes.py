"""Several processes that serve one port, and the one that keeps them running."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from thread_runs_mock import server


def sockets(host: str, port: int, count: int) -> list[socket.socket]:
    """Return sockets that share a port; port 0 picks a free one.

    Raises:
        OSError: The address is not available.
    """
    # A shared port could be taken from another server unnoticed, so check first whether it is free.
    with server.listen(host, port) as probe:
        port = probe.getsockname()[1]
    return [server.listen(host, port, shared=True) for _ in range(count)]


def run(socks: list[socket.socket], serve: Callable[[socket.socket, int], int], announce: Callable[[], None]) -> int:
    """Serve each socket in its own process until SIGTERM or SIGINT. A process that ends is started again.

    Args:
        serve: Called in each process with its socket, and with a file descriptor that ends when this process does.
        announce: Called once, when connections are accepted.

    Returns:
        The exit status: 0, or that of a process that could not serve. The processes exit with that of `serve`.
    """
    running: dict[int, socket.socket] = {}
    lifeline, held = os.pipe()
    stopping, result = False, 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for process in running:
            os.kill(process, signal.SIGTERM)

    def work(sock: socket.socket) -> NoReturn:
        os.close(held)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
        sys.exit(serve(sock, lifeline))

    handlers = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    waiting = list(socks)
    announce()
    while waiting or running:
        for sock in waiting:
            # A signal that arrives between these lines would be handled by a process that cannot act on it yet.
            signal.pthread_sigmask(signal.SIG_BLOCK, handlers)
            process = os.fork() or work(sock)
            running[process] = sock
            signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
        waiting = []
        if stopping:
            # A process that was started while the others were being stopped.
            stop(0, None)
        process, status = os.wait()
        sock, code = running.pop(process), os.waitstatus_to_exitcode(status)
        if stopping:
            continue
        if code > 0:
            result = code
            stop(0, None)
        else:
            waiting = [sock]
    return result
