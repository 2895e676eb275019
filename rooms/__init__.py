"""Rooms, members and invites; who may enter a room, and the credentials they get."""
