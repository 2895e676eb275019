"""The HTTP API, version 1: each view parses, makes one call to the domain, and answers."""
