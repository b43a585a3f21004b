"""A TCP relay that a test can shut: the database, as the network sometimes shows it."""

import contextlib
import socket
import threading


class Gate:
    """Relays 127.0.0.1:`port` to `host`:`to`. Shut: living connections break and new ones are refused."""

    def __init__(self, host: str, to: int, port: int) -> None:
        self.port = port
        self._target = (host, to)
        self._pairs: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> "Gate":
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.shut()

    def open(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        for each in [self._listener, *self._pairs]:
            if each is not None:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        self._listener = None
        self._pairs = []

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                inner, _ = listener.accept()
                outer = socket.create_connection(self._target)
                self._pairs += [inner, outer]
                for source, sink in ((inner, outer), (outer, inner)):
                    threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    @staticmethod
    def _relay(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
