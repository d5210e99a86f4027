"""A copy in a container of an image that the team has: its own server, with its own extensions.

The image is one that keeps to the contract of the official one (https://hub.docker.com/_/postgres): it makes its cluster when it is
started first, takes the superuser's password from the file that `POSTGRES_PASSWORD_FILE` names, and hands its arguments to
the server. Its port is published on loopback, so the daemon is one of this machine. The container is removed after use; after a crash it is found by its label.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watari.errors import ReachError, WatariError
from watari.locale import Message, Text
from watari.postgres.client_tools import tool
from watari.postgres.connection import connect, server_version
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.rehearsal.clone import Clone, Way, WayClosed
from watari.rehearsal.engine import Container, Engine, EngineRefused, last_complaint
from watari.rehearsal.furnishing import furnish, settings_for
from watari.rehearsal.scratch import scratch_folder
from watari.rehearsal.source import Source

_PORT = "5432/tcp"
_START_SECONDS = 120.0
_PASSWORD = "/watari-password"
# a parallel index build shares more memory than the 64 MB that a container has by itself
_SHARED_MEMORY = 1 << 30
_LABEL = "watari.clone"
_HOST, _FOLDER, _MADE = "watari.host", "watari.folder", "watari.made"
_QUICK = {"fsync": "off", "full_page_writes": "off"}

_NO_IMAGE = Text(en="no image is named (setting clone_image)", ja="イメージが指定されていません（設定 clone_image）")
_ABSENT = Text(
    en='image "{image}" is not there (docker pull {image})',
    ja='イメージ "{image}" がありません（docker pull {image}）',
)
_ELSEWHERE = Text(
    en="the daemon of DOCKER_HOST {address} is on another machine",
    ja="DOCKER_HOST {address} のデーモンは別のマシンにあります",
)
_REASON = Text(en="{reason}", ja="{reason}")
_DID_NOT_START = Text(
    en="the server in the container did not answer: {reason}",
    ja="コンテナ内のサーバーが応答しません: {reason}",
)
_OLDER = Text(
    en="the image holds PostgreSQL {there}, older than the source's {here}",
    ja="イメージの PostgreSQL {there} は本番の {here} より古いため使用できません",
)
_NEWER = Text(
    en="the image holds PostgreSQL {there}, production is {here}: locks and rewrites may differ",
    ja="イメージは PostgreSQL {there}、本番は {here} です。ロックや書き換えの挙動が異なる場合があります",
)


class Docker(Way):
    """A container of the image that `clone_image` names."""

    name = "docker"
    order = 15
    bytes_a_second = 120_000_000
    start_seconds = 5.0

    def known(self, source: Source) -> bool:
        """An image was named."""
        return source.elsewhere.image is not None

    def clean(self, source: Source, left: Sequence[Path]) -> None:
        """Removes the containers whose rehearsal on this machine is gone."""
        if not self.known(source):
            return
        engine = Engine.named()
        try:
            for container in engine.labelled(_LABEL):
                if _is_left(container, left):
                    engine.remove(container.id)
        except EngineRefused:
            return  # the daemon is away, and hindrance says so

    def hindrance(self, source: Source) -> Message | None:
        """The daemon must answer, and have the image."""
        image = source.elsewhere.image
        if image is None:
            return _NO_IMAGE()
        try:
            if source.there:
                tool("pg_dump", at_least=source.major)
                tool("pg_restore", at_least=source.major)
            engine = Engine.named()
            if not engine.is_here:
                return _ELSEWHERE(address=engine.address)
            return None if engine.has_image(image) else _ABSENT(image=image)
        except WatariError as missing:
            return _REASON(reason=missing.message)
        except EngineRefused as refused:
            return refused.reason

    def make(self, source: Source) -> Clone:
        """A container, and everything of the source in its server."""
        began = time.monotonic()
        engine = Engine.named()
        notes: list[Message] = []
        with ExitStack() as removal:
            folder = scratch_folder(removal)

            def start() -> DatabaseUrl:
                url = _start(engine, source, folder, removal)
                notes.extend(_compared(source, url))
                return url

            try:
                made = furnish(source, start)
            except EngineRefused as refused:
                raise WayClosed(refused.reason) from refused
            return Clone(
                url=made.url,
                way=self.name,
                seconds=time.monotonic() - began,
                bytes=made.bytes,
                removal=removal.pop_all(),
                notes=(*notes, *made.notes),
                rowless=made.rowless,
            )


def _is_left(container: Container, left: Sequence[Path]) -> bool:
    """Whether it is of this machine, and of a rehearsal whose folder is not held any more."""
    folder = container.labels.get(_FOLDER, "")
    ours = container.labels.get(_HOST) == _machine() and Path(folder).parent == Path(tempfile.gettempdir())
    return ours and (Path(folder) in left or not Path(folder).exists())


def _machine() -> str:
    return f"{socket.gethostname()}:{os.geteuid()}"


def _start(engine: Engine, source: Source, folder: Path, removal: ExitStack) -> DatabaseUrl:
    password = Secret(secrets.token_hex(24))
    container = engine.create(_wanted(source, folder), name=folder.name)
    removal.callback(_remove, engine, container)
    # not among the variables: whoever may look at containers would read it there
    engine.put_file(container, _PASSWORD, password.reveal().encode(), mode=0o444)
    engine.start(container)
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        now = engine.look(container, port=_PORT)
        if not now.running:
            break
        if now.port:
            url = DatabaseUrl(host="127.0.0.1", port=now.port, user="postgres", password=password, database="postgres")
            if _answers(url):
                return url
        time.sleep(0.1)
    raise WayClosed(_DID_NOT_START(reason=last_complaint(engine.said(container))))


def _wanted(source: Source, folder: Path) -> Mapping[str, Any]:
    arguments = [
        word for name, value in {**settings_for(source), **_QUICK}.items() for word in ("-c", f"{name}={value}")
    ]
    made = datetime.now(UTC).isoformat(timespec="seconds")
    labels = {_LABEL: source.url.database, _HOST: _machine(), _FOLDER: str(folder), _MADE: made}
    return {
        "Image": source.elsewhere.image,
        "Cmd": ["postgres", *arguments],
        "Env": [f"POSTGRES_PASSWORD_FILE={_PASSWORD}", "POSTGRES_USER=postgres"],
        "Labels": labels,
        "ExposedPorts": {_PORT: {}},
        "HostConfig": {
            "PortBindings": {_PORT: [{"HostIp": "127.0.0.1", "HostPort": ""}]},
            "ShmSize": _SHARED_MEMORY,
        },
    }


def _answers(url: DatabaseUrl) -> bool:
    """Through the network: while the image makes its cluster, the server listens on a socket of the container only."""
    try:
        with connect(url, purpose="rehearsal"):
            return True
    except ReachError:
        return False


def _compared(source: Source, url: DatabaseUrl) -> list[Message]:
    with connect(url, purpose="rehearsal") as connection:
        there = server_version(connection) // 10000
    if there < source.major:
        raise WayClosed(_OLDER(there=there, here=source.major))
    return [_NEWER(there=there, here=source.major)] if there > source.major else []


def _remove(engine: Engine, container: str) -> None:
    # what cannot be removed now is found by its label later
    with contextlib.suppress(EngineRefused):
        engine.remove(container)
