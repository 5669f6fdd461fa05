"""A Telnyx that runs on your machine: signed webhooks, the REST commands, media, and people who talk.

It exists to catch the dashboard's mistakes, so it imports none of the dashboard's other rooms.
"""

from .call import SimCall
from .rest.errors import ApiError
from .rest.server import ReceivedRequest
from .simulator import DEFAULT_CONNECTION_ID, WEBHOOK_PATH, Simulator
from .speech.script import SCRIPTS, Script, script_of
from .webhooks.delivery import Attempt, Manners, Webhook

__all__ = [
    "DEFAULT_CONNECTION_ID",
    "SCRIPTS",
    "WEBHOOK_PATH",
    "ApiError",
    "Attempt",
    "Manners",
    "ReceivedRequest",
    "Script",
    "SimCall",
    "Simulator",
    "Webhook",
    "script_of",
]
