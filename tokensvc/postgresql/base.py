"""The backend's `DatabaseWrapper`; Django requires this module name."""

from select import POLLIN, poll

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Return whether the connection is open, by one system call.

        Django checks once per request with a round trip. An idle connection has data to read only if the
        server closed it or sent a notice: only then is the query sent.
        """
        if self.connection.closed:  # lost during a query
            return False
        if not self._has_data():
            return True
        return super().is_usable()

    def _has_data(self) -> bool:
        poller = poll()
        poller.register(self.connection.fileno(), POLLIN)
        return bool(poller.poll(0))
