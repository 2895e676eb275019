"""Publishing a room's updates to every process that has live sockets in it."""

from moderation.broker.announcer import announce
from moderation.broker.configured import broker
from moderation.broker.protocol import Broker, BrokerUnavailable, Subscription
from moderation.broker.update import Update, decode

__all__ = ["Broker", "BrokerUnavailable", "Subscription", "Update", "announce", "broker", "decode"]
