"""A reference client of the live socket, for tests, benchmarks and operations."""
