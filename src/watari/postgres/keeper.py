"""Stands between a throw-away server and whoever started it: when that process is gone, however it ended, so is the server.

A program of its own (standard library only, started by path), because nobody outlives a `kill -9` to clean up. It is
preferred to the kernel's parent-death signal: that one exists on Linux only, is bound to the starting *thread*, and would
not delete the server's folder. Its standard input is a pipe from the starter; what it reads decides:

    b"s"  stop the server at once        b"c"  stop it cleanly        b"k"  leave it running        end of file  stop it, and
    delete the folders named in `orphaned`

The server and this process are in a session of their own, so that Ctrl-C reaches neither. Exit status: 0, or 1 where the
server ended by itself.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys

_SIGNALS = {b"s": signal.SIGQUIT, b"c": signal.SIGINT, b"": signal.SIGQUIT}


def main(order: dict[str, list[str] | str | int | None]) -> int:
    """Starts the server as `order` says (argv, uid, gid, log, orphaned) and waits for a word or for its end."""
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    server = _start(order)
    # whoever ends this process means the server too
    signal.signal(signal.SIGTERM, lambda number, frame: os.kill(server, signal.SIGQUIT))
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready and os.waitpid(server, os.WNOHANG)[0]:
            return 1
        if 0 in ready:
            break
        os.read(woken, 64)
    word = os.read(0, 1)
    if word == b"k":
        return 0
    os.kill(server, _SIGNALS.get(word, signal.SIGQUIT))
    os.waitpid(server, 0)
    if word == b"":
        _delete(order["orphaned"])
    return 0


def _delete(folders: object) -> None:
    import shutil

    for folder in folders if isinstance(folders, list) else []:
        shutil.rmtree(folder, ignore_errors=True)


def _start(order: dict[str, list[str] | str | int | None]) -> int:
    argv, uid, gid = order["argv"], order["uid"], order["gid"]
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    server = os.fork()
    if server:
        os.close(log)
        return server
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        if isinstance(uid, int) and isinstance(gid, int):
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        assert isinstance(argv, list)
        os.execvp(argv[0], argv)
    except OSError as reason:
        os.write(2, f"FATAL:  {reason}\n".encode())
    finally:
        os._exit(127)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
