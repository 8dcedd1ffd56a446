"""A browser in words, for its owner: "Firefox, Linux". No version, no model, nothing to tell two phones apart by.

The names are those that makers give; the order matters, since browsers also call themselves by each other's names.
"""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser", "Yandex Browser"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
NAME_MAX = 40


def name_of(user_agent):
    """The browser and system that a User-Agent header names, NAME_MAX letters at most; "" if it names neither."""
    found = [_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)]
    return ", ".join(name for name in found if name)


def _first(names, user_agent):
    return next((name for mark, name in names if mark in user_agent), "")
