"""Python processes with a given environment."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# The variables that the service requires.
REQUIRED = {
    "SECRET_KEY": "a-key-for-one-process-a-key-for-one-process-0123456789-0123456789",
    "ROOM_SECRET": "a-room-secret-for-one-process-0123456789",
    "AGORA_APP_ID": "970ca35de60c44645bbae8a215061b33",
    "AGORA_APP_CERTIFICATE": "5cfd2fd1755d40ecb72977518be15d3b",
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with exactly this environment."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tokensvc.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
