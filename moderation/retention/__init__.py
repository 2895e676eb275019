"""Ending rooms whose time is over, and purging those that ended long enough ago."""
