"""A certificate for the door, made when it opens and gone when it closes; `openssl` makes it.

Its hash is what SCRAM binds a channel to (RFC 5929: SHA-256 for a certificate that is signed with it).
"""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
from pathlib import Path

from watari.values import dataclass

_DAYS = "2"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """`file` may be handed to the tool as the authority that it is to trust; the key lies beside it, mode 0600."""

    file: Path
    context: ssl.SSLContext
    binding: bytes


def make_certificate(folder: Path) -> Certificate | None:
    """A certificate for 127.0.0.1 and localhost in `folder`; None where there is no `openssl`."""
    program = shutil.which("openssl")
    if program is None:
        return None
    file, key = folder / "door.crt", folder / "door.key"
    key.touch(mode=0o600)
    command = [
        program,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-sha256",
    ]
    command += ["-days", _DAYS, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(file)]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    der = ssl.PEM_cert_to_DER_cert(file.read_text("ascii"))
    return Certificate(file=file, context=context, binding=hashlib.sha256(der).digest())
