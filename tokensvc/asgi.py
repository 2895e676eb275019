"""The ASGI application of the `live` processes; it answers HTTP as well as WebSockets."""

import asyncio
import gc
import os
import signal
from collections.abc import Mapping
from typing import Any

from django.core.asgi import get_asgi_application
from django.core.management import call_command

from tokensvc.http_request import AsgiRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokensvc.settings")

# Loads the models, which the imports below need.
_http = get_asgi_application()
_http.request_class = AsgiRequest
call_command("check")

from moderation.live.hub import current_hub  # noqa: E402
from moderation.live.socket import live  # noqa: E402
from rooms.kicking import worker  # noqa: E402


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Start the worker; on SIGTERM close the sockets, then stop the server by SIGINT."""
    await receive()
    # Objects made by imports stay: keep the garbage collector from traversing them, which stops all sockets.
    gc.collect()
    gc.freeze()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _shut_down)
    thread = worker.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    if thread is not None:
        await asyncio.to_thread(thread.stop)
    await send({"type": "lifespan.shutdown.complete"})


# Keeps references to tasks, which the event loop does not.
_tasks: set[asyncio.Task[None]] = set()


def _shut_down() -> None:
    _tasks.add(asyncio.get_running_loop().create_task(_close_sockets()))


async def _close_sockets() -> None:
    await current_hub().shut_down()
    signal.raise_signal(signal.SIGINT)


_APPLICATIONS: Mapping[str, Any] = {"http": _http, "websocket": live, "lifespan": lifespan}


async def application(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    await _APPLICATIONS[scope["type"]](scope, receive, send)
