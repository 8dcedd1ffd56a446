"""HTTP/1.1 on this machine's loopback address, a thread a connection."""

import socket
import struct
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from members.billing.sandbox.web import faults
from members.billing.sandbox.web.api import Request
from members.billing.sandbox.web.control import actions
from members.billing.sandbox.web.deliveries import LOOPBACK
from members.billing.sandbox.web.hosted import pages

BODY_MAX = 2_000_000
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port, world):
        super().__init__(("127.0.0.1", port), Handler)
        self.world = world
        world.base = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self._answer()

    do_POST = do_DELETE = do_GET

    def log_message(self, *_what):
        """The requests are in the database, for who wants them."""

    def _answer(self):
        request = self._request()
        if request is None:
            return
        try:
            self._send(_face(request.path).answer(self.server.world, request))
        except faults.Unanswered as unanswered:
            self._break(unanswered.reset)
        except Exception:
            traceback.print_exc()
            self._send(faults.failure(500))

    def _request(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_MAX:
            self.send_error(413)
            self.close_connection = True
            return None
        address = urlsplit(self.path)
        if not self._is_ours(address.path):
            self.send_error(403, "Pages of other sites have no business here")
            return None
        body = self.rfile.read(length).decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, address.path, address.query, headers, body)

    def _is_ours(self, path):
        """Whether a request was meant for this machine, and not sent by some page that its user happened to open."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        foreign = self.headers.get("Sec-Fetch-Site") == "cross-site" and path.startswith(("/control", "/v1/"))
        return host in LOOPBACK and not (foreign and self.command != "GET")

    def _send(self, answer):
        body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}"]
        kind = answer.kind if "charset" in answer.kind or "/pdf" in answer.kind else f"{answer.kind}; charset=utf-8"
        headers = {**HEADERS, **answer.headers, "Content-Type": kind, "Content-Length": str(len(body))}
        lines += [f"{name}: {value}" for name, value in headers.items()]
        # In one piece: two would wait for each other's acknowledgement.
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

    def _break(self, reset):
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _face(path):
    """The module that answers below a path."""
    if path.startswith("/v1/"):
        return faults
    return actions if path.startswith("/control") else pages
