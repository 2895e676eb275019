"""The peers installed from npm."""

from pathlib import Path

from bench import programs

PEERS = Path(__file__).parent / "peers"


def install() -> None:
    """Install the locked peers, unless they are up to date."""
    locked, installed = PEERS / "package-lock.json", PEERS / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime:
        return
    print("installing the peers from npm …", flush=True)
    command = [programs.find("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    programs.run(command, cwd=PEERS)
