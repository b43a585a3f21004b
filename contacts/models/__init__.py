from .consent import ConsentChange
from .contact import Contact
from .phone import ContactPhone

__all__ = ["ConsentChange", "Contact", "ContactPhone"]
