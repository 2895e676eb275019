"""What Photon's servers ask and how they are answered: pure, no Django.

Three callers, three forms: custom authentication of a connection (`authentication`), the room webhooks of
Realtime and PUN (`realtime`), and those of Fusion 2 and Quantum 3 (`fusion`).
"""

from rooms.photon import authentication, fusion, realtime
from rooms.photon.bodies import Malformed, json_object
from rooms.photon.entry import Cookie, Entry

__all__ = ["Cookie", "Entry", "Malformed", "authentication", "fusion", "json_object", "realtime"]
