"""Announcing updates to the processes that hold sockets."""
