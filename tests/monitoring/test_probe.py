"""The probe tells what the application answers, how fast, and why it does not; on a real HTTP server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from watari.monitoring.probe import probe
from watari.postgres.embedded import free_port


class _Application(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/api"):
            self._answer(200, b"x" * 300_000)
        elif self.path == "/moved":
            self._answer(302, b"", {"Location": "/api/stocks"})
        elif self.path == "/round":
            self._answer(302, b"", {"Location": "/round"})
        elif self.path == "/broken":
            self._answer(500, b"sorry")
        elif self.path == "/private":
            allowed = self.headers.get("Authorization") == "Basic dXNlcjpwQHNz"
            self._answer(200 if allowed else 401, b"")
        elif self.path == "/slow":
            self.server.let_go.wait(10)  # type: ignore[attr-defined]
            self._answer(200, b"")
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def application() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Application) as server:
        server.let_go = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.let_go.set()  # type: ignore[attr-defined]
        server.shutdown()


def test_an_answer_has_status_size_and_time(application: str) -> None:
    answer = probe(f"{application}/api/stocks?limit=100")
    assert (answer.status, answer.bytes, answer.error) == (200, 300_000, None)
    assert answer.seconds is not None and answer.seconds > 0
    assert answer.url == f"{application}/api/stocks?…"


def test_a_redirect_is_followed_and_told(application: str) -> None:
    answer = probe(f"{application}/moved")
    assert answer.status == 200 and answer.redirected_to == f"{application}/api/stocks"


def test_redirects_in_a_circle_end(application: str) -> None:
    answer = probe(f"{application}/round")
    assert str(answer.error) == "more than 5 redirects"


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/nowhere", 404)])
def test_an_error_of_the_application_is_its_status(application: str, path: str, status: int) -> None:
    assert probe(application + path).status == status


def test_a_login_is_sent_and_not_shown(application: str) -> None:
    answer = probe(application.replace("http://", "http://user:p%40ss@") + "/private")
    assert answer.status == 200
    assert "p%40ss" not in repr(answer) and "user" not in answer.url
    assert probe(application + "/private").status == 401


def test_silence_is_given_up(application: str) -> None:
    answer = probe(f"{application}/slow", timeout=0.2)
    assert answer.status is None and str(answer.error) == "no answer within 0.2 s"


def test_a_dead_port_and_a_bad_address_are_told() -> None:
    assert str(probe(f"http://127.0.0.1:{free_port()}/").error) == "connection refused"
    assert probe("http://no.such.host.invalid/").error
    assert str(probe("ftp://x/").error) == "the address is not one of http or https"
    assert probe("http://[broken/").error
    assert probe("http://x:notaport/").error


def test_a_server_that_speaks_no_http_is_told() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            client, _ = listener.accept()
            client.sendall(b"SSH-2.0-OpenSSH\r\n")
            client.close()

        threading.Thread(target=speak, daemon=True).start()
        answer = probe(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert answer.status is None and answer.error
