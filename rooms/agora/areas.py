"""The areas an SDK can be restricted to.

Source: docs.agora.io, geofencing. The client's SDK applies an area; no server does.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Area(NamedTuple):
    """`web` for `AgoraRTC.setArea`, `native` for the area code of the native engine's context."""

    web: str
    native: int


AREAS: Mapping[str, Area] = {
    "CN": Area("CHINA", 0x1),
    "AP": Area("ASIA", 0x8),
    "EU": Area("EUROPE", 0x4),
    "NA": Area("NORTH_AMERICA", 0x2),
    "": Area("GLOBAL", 0xFFFFFFFF),
}
"""By region of Flexible Classroom; empty is anywhere."""
