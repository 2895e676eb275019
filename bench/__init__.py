"""Benchmarks against peers: `python -m bench [--short] [NAME …]`; the names are in `bench.__main__`."""
