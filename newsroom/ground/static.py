"""Static files for readers: style sheets of `@import` lines joined into one, then compressed and named by content."""

import re

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'@import url\("([\w./-]+)"\)(?: layer\((\w+)\))?;\n?')


class JoinedStaticStorage(CompressedManifestStaticFilesStorage):
    manifest_strict = False

    def compress_files(self, names):
        """Compressed twins of the files; the demo goes without, since nobody waits for a loopback."""
        return () if settings.DEMO else super().compress_files(names)

    def post_process(self, paths, dry_run=False, **options):
        """Join our own sheets (css/*.css) before they are named: a page asks for one file instead of twenty."""
        if not dry_run:
            for name in [name for name in paths if re.fullmatch(r"css/[\w-]+\.css", name)]:
                self._join(name, paths)
        yield from super().post_process(paths, dry_run, **options)

    def _join(self, name, paths):
        storage, path = paths[name]
        with storage.open(path) as sheet:
            text = sheet.read().decode()
        joined = IMPORT.sub(lambda found: self._part(found, paths), text)
        if joined != text:
            self.delete(name)
            self._save(name, ContentFile(joined.encode()))
            # What is named by its content and compressed is the joined sheet, not the finder's.
            paths[name] = (self, name)

    def _part(self, found, paths):
        storage, path = paths[f"css/{found[1]}"]
        with storage.open(path) as part:
            text = part.read().decode()
        return f"@layer {found[2]} {{\n{text}}}\n" if found[2] else text
