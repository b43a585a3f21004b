"""Makes the next thing while the last one is being used: a thread that is one step ahead."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import connections

_T = TypeVar("_T")


class _End:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Maker(threading.Thread):
    def __init__(self, make: Callable[[], Iterator[Any]]) -> None:
        super().__init__(name="import-ahead", daemon=True)
        self._make = make
        self.made: queue.Queue[Any] = queue.Queue(maxsize=1)
        self.stop = threading.Event()

    def run(self) -> None:
        try:
            for item in self._make():
                if not self._put(item):
                    return
            self._put(_End())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._put(_End(error))
        finally:
            connections.close_all()

    def _put(self, item: object) -> bool:
        """False when nobody waits for it any more."""
        while not self.stop.is_set():
            try:
                self.made.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False


def ahead(make: Callable[[], Iterator[_T]]) -> Iterator[_T]:
    """What `make()` gives, made in a thread of its own, never more than one item before it is asked for.

    The thread ends when the caller does; its errors are raised here.
    """
    maker = _Maker(make)
    maker.start()
    try:
        while True:
            item = maker.made.get()
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
            yield item
    finally:
        maker.stop.set()
        maker.join()
