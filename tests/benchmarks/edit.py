"""Publishes an edition of a story as another process, and says when it was there for all: python -m … SLUG NUMBER."""

import sys
import time

import django

if __name__ == "__main__":
    django.setup()

from articles import publishing
from articles.models import Article
from tests.benchmarks import stage

if __name__ == "__main__":
    slug, number = sys.argv[1:]
    publishing.publish([stage.edited(Article.objects.get(slug=slug), int(number))])
    sys.stdout.write(str(time.monotonic()))
