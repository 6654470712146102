"""A door between a driver and its server: shut, it cuts what went through, and its port refuses until it is opened.

That is what a client sees of a server that is restarted, without one that others use being so.
"""

import contextlib
import selectors
import socket
import struct
import threading

_HOME = "127.0.0.1"
# What is closed with this option is reset, as a process leaves its connections that is gone (socket(7)).
_RESET = struct.pack("ii", 1, 0)


class Door:
    """The door to a host and port, open from the beginning; ``at`` says where it is, as words of a connection."""

    def __init__(self, host, port):
        self._there = host, port
        self._lock = threading.Lock()
        self._pairs = {}
        self._watched = selectors.DefaultSelector()
        self._ended = False
        self._listener = socket.create_server((_HOME, 0))
        self.at = {"host": _HOME, "port": self._listener.getsockname()[1]}
        self._watched.register(self._listener, selectors.EVENT_READ)
        threading.Thread(target=self._relay, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.shut()
        self._ended = True
        self._listener.close()

    def shut(self):
        """Cut all, and let nobody in: the port stays taken, and nobody listens there."""
        with self._lock:
            self._forget(self._listener)
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((_HOME, self.at["port"]))
            for one in list(self._pairs):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self._forget(one)
            self._pairs.clear()

    def open(self):
        """Let in again whoever comes."""
        with self._lock:
            self._listener.listen()
            self._watched.register(self._listener, selectors.EVENT_READ)

    def _forget(self, one):
        with contextlib.suppress(KeyError):
            self._watched.unregister(one)
        one.close()

    def _relay(self):
        while not self._ended:
            for key, _ in self._watched.select(0.05):
                with self._lock, contextlib.suppress(OSError):
                    if key.fileobj is self._listener:
                        self._let_in()
                    elif key.fileobj in self._pairs:
                        self._carry(key.fileobj)

    def _let_in(self):
        one, _ = self._listener.accept()
        try:
            other = socket.create_connection(self._there, timeout=10)
        except OSError:
            one.close()
            raise
        for here, there in ((one, other), (other, one)):
            here.settimeout(10)
            self._pairs[here] = there
            self._watched.register(here, selectors.EVENT_READ)

    def _carry(self, one):
        other = self._pairs[one]
        try:
            data = one.recv(65536)
            if data:
                other.sendall(data)
                return
        except OSError:
            data = b""
        for each in (one, other):
            self._pairs.pop(each, None)
            self._forget(each)
