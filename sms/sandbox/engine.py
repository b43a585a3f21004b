"""The pretend gateway, assembled; one per process."""

import functools
import os
from pathlib import Path

from .callbacks_out import Callbacks
from .faults import Faults
from .gateway import Gateway
from .memory import Memory
from .people import People
from .schedule import Schedule
from .store import Store


class Sandbox:
    """path None keeps nothing over a restart."""

    def __init__(self, path: Path | None) -> None:
        self.store = Store(path)
        self.memory = Memory(self.store)
        self.faults = Faults()
        self.schedule = Schedule()
        self.callbacks = Callbacks(self.memory, self.schedule, self.faults)
        self.gateway = Gateway(self.memory, self.schedule, self.faults, self.callbacks)
        self.people = People(self.memory, self.gateway, self.callbacks)

    def change_faults(self, values: dict[str, object]) -> None:
        """Raises ValueError on an unknown switch. When the phone comes back, what waited for it goes."""
        was_offline = self.faults.offline
        self.faults.change(values)
        with self.memory.lock:
            self.memory.version += 1
            if was_offline and not self.faults.offline:
                for entry in self.memory.entries.values():
                    if not entry.arrived:
                        entry.arrived = True
                        self.memory.changed(entry)
        if was_offline and not self.faults.offline:
            self.callbacks.release()

    def start_over(self) -> None:
        """Conversations, people, counts and the wire are emptied; addresses, delays and switches stay."""
        self.schedule.clear()
        self.callbacks.forget()
        self.memory.clear()

    def close(self) -> None:
        self.schedule.stop()
        self.store.close()


@functools.cache
def sandbox() -> Sandbox:
    """LIGNE_DATA says where it keeps its file; LIGNE_SANDBOX_MEMORY=1 keeps none."""
    if os.environ.get("LIGNE_SANDBOX_MEMORY") == "1":
        return Sandbox(None)
    data = Path(os.environ.get("LIGNE_DATA") or Path(__file__).resolve().parents[2] / "var")
    return Sandbox(data / "sandbox.sqlite3")
