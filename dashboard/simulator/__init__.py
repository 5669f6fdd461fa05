"""A Telnyx that runs on your machine: signed webhooks, the REST commands, media, and people who talk.

It exists to catch the dashboard's mistakes, so it imports none of the dashboard's other rooms.
"""

from .call import SimCall
from .rest.errors import ApiError
from .rest.server import ReceivedRequest
from .simulator import DEFAULT_CONNECTION_ID, WEBHOOK_PATH, Simulator
from .speech.script import SCRIPTS, Script, parse_script
from .webhooks.delivery import DeliveryAttempt, DeliveryOptions, Webhook

__all__ = [
    "DEFAULT_CONNECTION_ID",
    "SCRIPTS",
    "WEBHOOK_PATH",
    "ApiError",
    "DeliveryAttempt",
    "DeliveryOptions",
    "ReceivedRequest",
    "Script",
    "SimCall",
    "Simulator",
    "Webhook",
    "parse_script",
]
