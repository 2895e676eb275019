"""See `DatabaseWrapper`; Django looks for it in a module of this name."""

from select import POLLIN, poll

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Tell whether the connection still stands, for the price of a system call.

        Django asks once per request, with a round trip. An idle connection has nothing to read unless the
        server has closed it (or sends a notice): only then is the server asked.
        """
        if self.connection.closed:  # broke in the middle of a query
            return False
        if not self._has_something_to_read():
            return True
        return super().is_usable()

    def _has_something_to_read(self) -> bool:
        poller = poll()
        poller.register(self.connection.fileno(), POLLIN)
        return bool(poller.poll(0))
