"""The peers side by side: `python -m bench [--short] [NAME …]`; `bench.__main__` has the names."""
