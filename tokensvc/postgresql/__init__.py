"""Django's PostgreSQL backend with a cheaper health check for persistent connections."""
