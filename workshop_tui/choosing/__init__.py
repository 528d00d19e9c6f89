"""Which names the workshop uses on Azure: what is decided already, what must be read, what must be asked.

`next_move` judges and touches nothing; `Choosing` goes on, reading, until the learner is needed.
"""

from workshop_tui.choosing.candidates import Candidate, DeadEnd
from workshop_tui.choosing.conversation import Choosing, Reader, explain
from workshop_tui.choosing.moves import TITLES, Chosen, Move, Question, is_complete, next_move

__all__ = [
    "TITLES",
    "Candidate",
    "Choosing",
    "Chosen",
    "DeadEnd",
    "Move",
    "Question",
    "Reader",
    "explain",
    "is_complete",
    "next_move",
]
