from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Fails when a string of the interface has no French words, or the compiled catalogue is stale."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from crm.translation.catalogue import problems  # needs polib, a tool of development

        said = problems()
        for line in said:
            self.stdout.write(line)
        if said:
            raise CommandError(f"{len(said)} problems in the French catalogue")
