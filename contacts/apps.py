from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("People")

    def ready(self) -> None:
        """What can be asked of people in a segment."""
        from contacts.segments import asked

        asked.register_all()
