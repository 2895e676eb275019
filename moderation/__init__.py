"""What hosts do in a running room, and who hears of it. Tokens are never touched."""
