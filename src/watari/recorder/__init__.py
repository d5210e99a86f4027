"""The flight recorder: a door on loopback that speaks PostgreSQL's protocol on both sides, for any tool's own command.

A database URL goes in, another one for the tool comes out, and with it what the tool's sessions did: a `Recording`.
`recorder.Recorder` is the way in. `session.py` is the core and touches no socket; `door.py` drives it.
"""
