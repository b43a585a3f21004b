from .address_book import AddressBook, AddressBookEntry
from .attempt import SendAttempt
from .call import Call, Qualification
from .callback import Callback, KnownEvent
from .conversation import Conversation, Note
from .line import GatewayHost, Line
from .message import Click, Message

__all__ = [
    "AddressBook",
    "AddressBookEntry",
    "Call",
    "Callback",
    "Click",
    "Conversation",
    "GatewayHost",
    "KnownEvent",
    "Line",
    "Message",
    "Note",
    "Qualification",
    "SendAttempt",
]
