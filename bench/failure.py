"""The error that stops a benchmark."""


class BenchmarkError(Exception):
    """A benchmark cannot continue; the message is for the person who runs it."""
