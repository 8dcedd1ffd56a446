"""A browser as small as can be: one request, a connection of its own, no redirect followed, nothing tried again."""

import contextlib
import http.client
import re
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

LOGIN = "/accounts/login/"
PATIENCE = 15  # seconds for an answer
# What a browser says of itself: who says nothing may be taken for a robot, whose reads do not count.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "en",
}


@dataclass(frozen=True)
class Reply:
    """An answer. began, ended: seconds of time.time() around the request. worker: what `who` said of the connection."""

    status: int
    headers: http.client.HTTPMessage
    text: str
    began: float
    ended: float
    worker: int | None = None

    @property
    def took(self):
        return self.ended - self.began

    @property
    def cookies(self):
        """The Cookie header that a browser would send after this answer."""
        jar = SimpleCookie()
        for line in self.headers.get_all("Set-Cookie", []):
            jar.load(line)
        return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items() if morsel.value)


def ask(port, path, *, source="127.0.0.1", who=None, **request):
    """The `Reply` to one request; OSError or HTTPException when there was none, or only a part of one.

    source: the client's own address, any of 127.0.0.0/8. who: called with the open connection's socket after the
    answer. request: as `send` takes it.
    """
    with contextlib.closing(connect(port, source)) as connection:
        return ask_on(connection, path, who=who, **request)


def ask_on(connection, path, *, who=None, **request):
    """The same on a connection that is open, and stays so."""
    send(connection, path, **request)
    return receive(connection, who)


def connect(port, source="127.0.0.1"):
    connection = http.client.HTTPConnection("127.0.0.1", port, PATIENCE, source_address=(source, 0))
    connection.connect()
    return connection


def send(connection, path, *, method="GET", cookie="", form=None, host=None):
    """Send a request, and do not wait for the answer. host: the Host header, localhost and the port by default."""
    headers = {**BROWSER, "Host": host or f"localhost:{connection.port}"}
    if cookie:
        headers["Cookie"] = cookie
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.began = time.time()
    connection.request(method, path, urlencode(form) if form is not None else None, headers)


def receive(connection, who=None):
    sock = connection.sock
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    worker = who(sock) if who else None
    return Reply(answer.status, answer.headers, text, connection.began, time.time(), worker)


def sign_in(port, email, password, *, source="127.0.0.1"):
    """The `Reply` to the sign-in form. A limit on one client address is met from that `source` alone."""
    return ask(port, source=source, **sign_in_form(port, email, password, source=source))


def sign_in_form(port, email, password, *, source="127.0.0.1"):
    """The sign-in form, fetched and filled in: what `send` needs."""
    page = ask(port, LOGIN, source=source)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    form = {"csrfmiddlewaretoken": token, "login": email, "password": password}
    return {"path": LOGIN, "method": "POST", "cookie": page.cookies, "form": form}


def wait_for(happens, what, patience=3, every=0.02):
    """What `happens()` returns, once that is true; fails after `patience` seconds. what: what did not happen then, in
    words, or a function that says it."""
    deadline = time.monotonic() + patience
    while not (found := happens()):
        assert time.monotonic() < deadline, f"not within {patience} s: {what() if callable(what) else what}"
        time.sleep(every)
    return found
