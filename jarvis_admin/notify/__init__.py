"""Messages to people: mail, chat and webhooks, by the addresses that Apprise understands."""

from jarvis_admin.notify.addresses import check, shown
from jarvis_admin.notify.errors import NotSent
from jarvis_admin.notify.sending import Message, send

__all__ = ["Message", "NotSent", "check", "send", "shown"]
