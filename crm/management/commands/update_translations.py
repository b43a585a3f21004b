from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Brings the French catalogue up to date with the code and compiles it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from crm.translation.catalogue import update  # needs polib, a tool of development

        entries, empty = update()
        self.stdout.write(f"{entries} strings, {empty} without French words")
