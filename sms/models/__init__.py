from .address_book import AddressBook, AddressBookEntry
from .attempt import SendAttempt
from .call import Call, Qualification
from .callback import Callback, KnownEvent
from .campaign import Campaign, CampaignCredit, CampaignLine
from .conversation import Conversation, Note
from .line import GatewayHost, Line, LineRecipient
from .message import Click, Message
from .template import MessageTemplate

__all__ = [
    "AddressBook",
    "AddressBookEntry",
    "Call",
    "Callback",
    "Campaign",
    "CampaignCredit",
    "CampaignLine",
    "Click",
    "Conversation",
    "GatewayHost",
    "KnownEvent",
    "Line",
    "LineRecipient",
    "Message",
    "MessageTemplate",
    "Note",
    "Qualification",
    "SendAttempt",
]
