"""What is true: rooms, members, invites, who may enter, and what they are handed."""
