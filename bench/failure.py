"""What ends a run early."""


class BenchmarkError(Exception):
    """A benchmark that cannot go on, in words for whoever runs it."""
