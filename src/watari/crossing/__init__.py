"""The whole flow: one method an arrow, each taking the value that the one before returned.

    migrations ─▶ statements ─▶ effects ─▶ hazards ─▶ plan ─▶ evidence ─▶ permission ─▶ backup ─▶ run ─▶ verdicts ─▶ report
                                                                                        ╰─▶ way back = another plan

The only place that wires doing to deciding: `line.py` is the line itself, its neighbours are the stations that need more than
a few lines. A room is imported when its arrow is followed, so that a command pays for nothing that it does not use.
"""

from watari.late import late

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.crossing.way_back import WayBack

__all__ = ["Crossing", "WayBack"]

__getattr__ = late(
    __name__,
    {
        "Crossing": "line",
        "WayBack": "way_back",
    },
)
