"""What the journeys need beside a database: an application that answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class _Stocks(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'[{"symbol": "7203"}]'
        self.send_response(200 if self.path.startswith("/api/stocks") else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def application() -> Iterator[str]:
    """The address of an application with `/api/stocks`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stocks) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
