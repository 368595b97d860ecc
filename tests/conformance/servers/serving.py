"""Serves an ASGI application by uvicorn, alone or behind nginx, for as long as a test needs it."""

import contextlib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from tests.debian import program

_DEADLINE = 30
"""Seconds that a server may take to start."""

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        # The server behind it rejects large bodies, in the documented form.
        client_max_body_size 16m;
        keepalive_timeout 0;
        gzip on;
        gzip_types application/json;
        gzip_min_length 0;
        gzip_proxied any;
        merge_slashes off;
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.0;
            proxy_buffering on;
            proxy_request_buffering on;
            proxy_set_header Host $http_host;
            proxy_hide_header x-request-id;
            add_header X-Request-ID $upstream_http_x_request_id always;
        }}
    }}
}}
"""
"""A proxy that compresses, buffers, spells headers in its own way and closes each connection."""


@contextlib.contextmanager
def serve(application: Any) -> Iterator[str]:
    """Serve the application by uvicorn in a thread; gives its origin, such as `http://127.0.0.1:4711`."""
    config = uvicorn.Config(application, loop="asyncio", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    # The protocol is named so that asyncio turns Nagle's algorithm off, as it does where uvicorn opens the socket.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            _wait_until(lambda: server.started or not thread.is_alive(), "uvicorn")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def behind_nginx(upstream: str) -> Iterator[str]:
    """Put nginx before the server at an origin; gives the origin of nginx."""
    nginx = program("nginx", "nginx-light", "usr/sbin")
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, port=port, upstream=upstream), "utf-8")
        command = [nginx, "-c", str(configuration), "-p", folder, "-e", f"{folder}/error.log"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_until(lambda: process.poll() is not None or _accepts(port), "nginx")
                assert process.poll() is None, (Path(folder) / "error.log").read_text("utf-8")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _wait_until(condition: Any, name: str) -> None:
    deadline = time.monotonic() + _DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did not start in {_DEADLINE} seconds")
        time.sleep(0.01)
