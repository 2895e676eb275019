"""Code that all HTTP endpoints share. It does not depend on rooms."""
