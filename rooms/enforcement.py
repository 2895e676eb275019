"""Having Agora enforce kicks and bans: placing and lifting the rules that are wanted, in the background."""
