"""The HTTP API, version 1. A view parses, makes one call to the domain, and answers."""
