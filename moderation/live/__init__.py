"""The live socket (`tokensvc.v1`): snapshots, updates in order, commands, heartbeats."""
