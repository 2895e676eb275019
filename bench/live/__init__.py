"""A reference client of the live socket: small, complete, and used by tests, benchmarks and ops."""
