"""Delivering the outbox to the app's backend, by the Standard Webhooks convention (standardwebhooks.com)."""
