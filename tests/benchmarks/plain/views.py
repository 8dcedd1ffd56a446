from django.shortcuts import get_object_or_404, render

from tests.benchmarks.plain.models import Article

MENU = [("river", "River"), ("council", "Council"), ("schools", "Schools"), ("markets", "Markets")]


def article(request, slug):
    """Three queries and a template."""
    found = get_object_or_404(Article.objects.select_related("section"), slug=slug)
    context = {
        "menu": MENU,
        "article": found,
        "tags": found.tags.all(),
        "related": found.related.select_related("section"),
    }
    return render(request, "plain/article.html", context)
