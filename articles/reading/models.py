"""The shared level of compiled pages where there is no Redis."""

from django.db import models


class CompiledPage(models.Model):
    """What one process compiled, for the others. key: a digest of the page's address and of the code that made it;
    content: its entries, signed (`reading.entry.pack`). It holds gated text; `reading.shared` is its one door."""

    key = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    made_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.key
