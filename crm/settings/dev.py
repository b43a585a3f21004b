"""The embedded run: everything on one machine, started by `./run`."""

from .base import *  # noqa: F403
