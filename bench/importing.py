"""`python -m bench.importing FILE TEAM`: imports a file as the command does, and prints what it took as JSON."""

import io
import json
import sys
from pathlib import Path

import django


def status(name: str) -> float:
    """A figure of this process, in MB: VmRSS (now) or VmHWM (the most so far)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    from contacts.management.commands import import_contacts  # noqa: F401 - the base has the code, too
    from teams.models import Team

    Team.objects.exists()
    base = status("VmRSS")
    out = io.StringIO()
    call_command("import_contacts", sys.argv[1], "--team", sys.argv[2], "--json", stdout=out)
    print(json.dumps({"base": base, "peak": status("VmHWM"), **json.loads(out.getvalue())}))
