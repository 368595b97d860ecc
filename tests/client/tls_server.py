"""Servers on loopback that speak TLS, or stop half-way."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import trustme

Talk = Callable[[socket.socket, threading.Event], None]


@contextmanager
def talking(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve each connection with `talk(connection, stopped)` in a thread of its own; yield the base URL."""
    stopped = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if context is None:
                talk(connection, stopped)
            else:
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    talk(wrapped, stopped)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(10)
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=accept)
        acceptor.start()
        scheme = "http" if context is None else "https"
        try:
            yield f"{scheme}://localhost:{listener.getsockname()[1]}/v1"
        finally:
            stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in [acceptor, *threads]:
                thread.join()


def endlessly(data: bytes, head: bytes = b"") -> Talk:
    """Return a handler that sends `head` and then `data` without pause, until the client disconnects."""

    def talk(connection: socket.socket, stopped: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(head)
        while not stopped.is_set():
            connection.sendall(data)

    return talk


def once(reply: bytes) -> Talk:
    """Return what answers one request, whose body is `{}`, with `reply`."""

    def talk(connection: socket.socket, stopped: threading.Event) -> None:
        received = b""
        while not received.endswith(b"\r\n\r\n{}"):
            received += connection.recv(65536)
        connection.sendall(reply)

    return talk


def silently(connection: socket.socket, stopped: threading.Event) -> None:
    """Send nothing until the client disconnects."""
    with suppress(OSError):
        while not stopped.is_set() and connection.recv(65536):
            pass


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """Return the context of a server at localhost whose certificate the authority has issued."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return the context of a client that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
