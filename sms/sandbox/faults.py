"""What can go wrong with a gateway that is a phone, each by its own switch.

Kept in memory only: a pretend gateway that was restarted is a healthy one.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

# Which requests get the 500, while that switch is on: the fifth, the tenth…
ONE_IN = 5


@dataclass(slots=True)
class Faults:
    # Delivery reports wait `Delays.late_s` longer.
    late: bool = False
    # Every delivery report is sent a second time.
    twice: bool = False
    # One request in five is answered 500 and not carried out.
    fail_one_in_five: bool = False
    # The messages are accepted, and the answer never comes.
    hang: bool = False
    # Whatever the key: 401.
    refuse_key: bool = False
    # The SIM's phone is out of reach: texts are accepted, nothing comes back until it is on again.
    offline: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """Set those named. Raises ValueError on an unknown name or on what is no boolean."""
        for name, value in values.items():
            if name not in FAULT_NAMES:
                raise ValueError(f"unknown fault: {name}")
            if not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")
        for name, value in values.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, bool]:
        return asdict(self)


FAULT_NAMES = tuple(f.name for f in fields(Faults))
