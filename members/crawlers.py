"""Robots: those that say so, and search engines that the newsroom lets read whole stories.

What a robot calls itself opens nothing: the setting CRAWLERS names domains (googlebot.com, search.msn.com), and an
address is let in once its name by reverse lookup lies in one of them and that name leads back to the address. It is
asked in the background, so that no page waits for DNS; until the answer is there the robot gets what strangers get.
"""

import re
import socket
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from django.conf import settings

from newsroom.ground import client

# What robots have in their names: search engines, previews of links in messengers, monitors, libraries. None of it
# stands in those of browsers: Cubot makes telephones, Telegram and Pinterest have browsers beside their robots.
BOTS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|archiver|facebookexternalhit|whatsapp|preview|embedly|quora link|vkshare|"
    r"lighthouse|python-|curl/|wget/|go-http|java/|okhttp|httpclient|scrapy|monitor|uptime|feedfetcher|mediapartners|"
    r"google-|apache-http|axios|node-fetch|ruby|perl",
    re.IGNORECASE,
)
# Letters of a name that are looked at: browsers' have two hundred.
AGENT_MAX = 1_000
KEPT_FOR = 24 * 3600  # seconds that an answer is trusted
ADDRESSES_MAX = 10_000
WAITING_MAX = 100


def is_bot(request):
    """Whether a request comes from a robot by its own word; who gives no name at all is taken for one."""
    return _is_bot(request.META.get("HTTP_USER_AGENT", "")[:AGENT_MAX])


@lru_cache(maxsize=4_096)
def _is_bot(agent):
    return not agent or BOTS.search(agent) is not None


def is_let_in(request):
    """Whether the newsroom lets this robot read whole stories: by its address alone."""
    return bool(settings.CRAWLERS) and is_bot(request) and known.of(client.address(request))


class Known:
    """What is known of addresses: {address: (whether it is let in, until when)}, asked one after the other."""

    def __init__(self, name_of, addresses_of):
        """name_of(address) -> its name; addresses_of(name) -> its addresses. Both raise OSError where there is none,
        ValueError for what cannot be asked."""
        self._name_of, self._addresses_of = name_of, addresses_of
        self._found = OrderedDict()
        self._waiting = set()
        self._lock = threading.Lock()
        self._asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="crawlers")

    def of(self, address):
        """Whether an address is known to be let in. One that is not known, or no longer, is asked for meanwhile."""
        let_in, until = self._found.get(address, (False, 0.0))
        if time.monotonic() < until:
            return let_in
        self._ask(address)
        return False

    def look(self, address):
        """Ask DNS for an address, now."""
        let_in = is_named(address, settings.CRAWLERS, self._name_of, self._addresses_of)
        with self._lock:
            self._found[address] = let_in, time.monotonic() + KEPT_FOR
            self._found.move_to_end(address)
            self._waiting.discard(address)
            if len(self._found) > ADDRESSES_MAX:
                self._found.popitem(last=False)
        return let_in

    def _ask(self, address):
        with self._lock:
            if address in self._waiting or len(self._waiting) >= WAITING_MAX:
                return
            self._waiting.add(address)
        self._asking.submit(self.look, address)


def is_named(address, domains, name_of, addresses_of):
    """Whether an address bears a name within one of the domains that leads back to it."""
    try:
        name = name_of(address).rstrip(".").lower()
        return any(name.endswith(f".{domain}") for domain in domains) and address in addresses_of(name)
    except (OSError, ValueError):
        # There is none, or it is nothing that can be asked for.
        return False


def _name(address):
    return socket.gethostbyaddr(address)[0]


def _addresses(name):
    return {found[4][0] for found in socket.getaddrinfo(name, None)}


known = Known(_name, _addresses)
