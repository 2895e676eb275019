"""Requests of Photon's servers and the answers to them: pure, no Django.

Three callers, three formats: custom authentication of a connection (`custom_authentication`), the room
webhooks of Realtime and PUN (`realtime`), and those of Fusion 2 and Quantum 3 (`fusion`).
"""

from rooms.photon import custom_authentication, fusion, realtime
from rooms.photon.entry import Cookie, Entry
from rooms.photon.parsers import Malformed, json_object

__all__ = ["Cookie", "Entry", "Malformed", "custom_authentication", "fusion", "json_object", "realtime"]
