"""The peers side by side: `python -m bench [--short] [signing issuing join_storm growth]`."""
