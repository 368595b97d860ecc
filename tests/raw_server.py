"""A server that answers with whatever bytes a test wants."""

import socket
import threading


class RawServer:
    """Answers every request on loopback with the same bytes, well-formed or not, and closes the connection.

    A `reply` of None leaves the request without an answer.
    """

    def __init__(self) -> None:
        self.reply: bytes | None = b""
        self.requests: list[bytes] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def answer(self, status: str, body: bytes = b"", *headers: str) -> None:
        """Answer with this status line, body and headers; x-request-id and the length are added."""
        lines = ["x-request-id: req_1", "connection: close", f"content-length: {len(body)}", *headers]
        self.reply = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                received = b""
                while not self._complete(received):
                    chunk = connection.recv(65536)
                    if not chunk:
                        break
                    received += chunk
                if received:
                    self.requests.append(received)
                    if self.reply is None:
                        self._closing.wait()
                    else:
                        connection.sendall(self.reply)

    @staticmethod
    def _complete(received: bytes) -> bool:
        head, end, body = received.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return bool(end) and len(body) >= int(lengths[0].partition(b":")[2] if lengths else 0)

    def close(self) -> None:
        self._closing.set()
        # shutdown wakes the thread that waits in accept; close alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
