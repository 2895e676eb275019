"""`live`: under `granian --interface asgi tokensvc.asgi:application`; answers HTTP as well."""

import asyncio
import gc
import os
import signal
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from django.core.management import call_command

from tokensvc.http_request import AsgiRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokensvc.settings")

# The models must be there before anything that uses them is imported.
_http = get_asgi_application()
_http.request_class = AsgiRequest
call_command("check")

from moderation.broker.announcements import announce  # noqa: E402
from moderation.live.hub import current_hub  # noqa: E402
from moderation.live.origins import sockets  # noqa: E402
from rooms.kicking import worker  # noqa: E402


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Have SIGTERM close the sockets cleanly first, then pass it on to the server as SIGINT."""
    await receive()
    # What was imported stays. Looking through it again and again would stop all sockets each time.
    gc.collect()
    gc.freeze()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _leave)
    thread = worker.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    if thread is not None:
        await asyncio.to_thread(thread.stop)
    await send({"type": "lifespan.shutdown.complete"})


_leaving: set[asyncio.Task[None]] = set()


def _leave() -> None:
    _leaving.add(asyncio.get_running_loop().create_task(_close_sockets()))


async def _close_sockets() -> None:
    await current_hub().shut_down()
    announce.stop()
    signal.raise_signal(signal.SIGINT)


application = ProtocolTypeRouter({"http": _http, "websocket": sockets(), "lifespan": lifespan})
