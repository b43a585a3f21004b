from .consent import ConsentChange
from .contact import Contact
from .custom_field import CustomField
from .duplicate import DuplicatePair, Merge
from .export import Export
from .follow_up import FollowUp
from .imports import Import, ImportChange, ImportRow
from .phone import ContactPhone
from .retention import RetentionLook, RetentionProposal
from .segment import ContactList, ListMember, SavedView, Segment
from .suppression import Suppression
from .tag import ContactTag, Tag

__all__ = [
    "ConsentChange",
    "Contact",
    "ContactList",
    "ContactPhone",
    "ContactTag",
    "CustomField",
    "DuplicatePair",
    "Export",
    "FollowUp",
    "Import",
    "ImportChange",
    "ImportRow",
    "ListMember",
    "Merge",
    "RetentionLook",
    "RetentionProposal",
    "SavedView",
    "Segment",
    "Suppression",
    "Tag",
]
