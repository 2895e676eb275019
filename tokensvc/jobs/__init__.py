"""Work in the background: jobs that are due, claimed, tried, put off after a failure and given up.

Used by the outbox of the app's webhook and by Agora's kicking rules; knows nothing of either.
"""
