"""What every HTTP edge shares. Knows nothing of rooms."""
