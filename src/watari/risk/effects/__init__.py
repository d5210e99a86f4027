"""What statements will do: one file a kind of statement, found by walking this folder.

A module takes part by its `FORESEES`: for each kind of the grammar (`index_stmt`) the function that gathers its footprint
and tells the world what changes.
"""

from watari.risk.effects.foresight import Foreseen, Foresight, predict

__all__ = ["Foreseen", "Foresight", "predict"]
