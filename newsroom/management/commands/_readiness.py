"""What must be there before the site is served, and how it gets there."""

import hashlib
import json
import socket
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from newsroom.ground import cache

MANIFEST = "staticfiles.json"


def missing():
    """One line for each thing that is not ready, each with its remedy."""
    lines = []
    if not migrated():
        lines.append("The database is not up to date. Run: manage.py migrate")
    else:
        if not cache.table_exists():
            lines.append("The cache has no table. Run: manage.py createcachetable")
        lines += refusals()
    if not settings.DEBUG and not (Path(settings.STATIC_ROOT) / MANIFEST).exists():
        lines.append("Static files are not collected. Run: manage.py collectstatic --noinput")
    return lines


def migrated():
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def refusals():
    """What the checks for deployment refuse of settings and database, such as the demo's accounts outside the demo."""
    tags = [checks.Tags.database, checks.Tags.security]
    found = checks.run_checks(tags=tags, include_deployment_checks=True, databases=["default"])
    return [f"{one.msg} {one.hint or ''}".strip() for one in found if one.is_serious()]


def port_is_free(host, port):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def collect_static():
    """Collect the static files if any has changed since the last time; True if so. Looking takes no time, collecting
    compresses every file."""
    note, now = Path(settings.VAR_DIR) / "static.collected", fingerprint()
    manifest = Path(settings.STATIC_ROOT) / MANIFEST
    if settings.DEBUG or (manifest.exists() and note.exists() and note.read_text() == now):
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    note.write_text(now)
    return True


def fingerprint():
    """A digest that changes when a static file, or what makes of them what is served, does."""
    files = [
        (name, Path(storage.path(name)).stat().st_size, Path(storage.path(name)).stat().st_mtime_ns)
        for finder in get_finders()
        for name, storage in finder.list([])
    ]
    made_by = [django.__version__, settings.STORAGES["staticfiles"]["BACKEND"], str(settings.STATIC_ROOT)]
    return hashlib.sha256(json.dumps([made_by, sorted(files)]).encode()).hexdigest()
