from articles.models.article import Article, ArticlePlan, ArticleTag, Byline, Correction, Related
from articles.models.author import Author, Section, SectionPlan
from articles.models.image import Image, ImageRefused
from articles.models.text import Body, Revision

__all__ = [
    "Article",
    "ArticlePlan",
    "ArticleTag",
    "Author",
    "Body",
    "Byline",
    "Correction",
    "Image",
    "ImageRefused",
    "Related",
    "Revision",
    "Section",
    "SectionPlan",
]
