"""Enforcing kicks and bans at Agora: REST client, placing and lifting of rules, background worker."""
