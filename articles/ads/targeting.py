"""For which pages and readers a campaign is meant. Pure.

Kinds are joined by "and", what is named within a kind by "or"; what is excluded is out, whatever else holds:
{"section": [3], "tag": [7, 8]} is for stories of section 3 that have tag 7 or 8.
"""

from django.utils.translation import gettext_lazy as _

# Kinds of what a page is -> what a page (a `members.visit.Subject`) has of it.
OF_PAGE = {
    "section": lambda subject: {subject.section} - {None},
    "tag": lambda subject: subject.tags,
    "article": lambda subject: {subject.story} - {None},
    "language": lambda subject: {subject.language},
}
# Kinds of who looks at it -> what a `members.visit.Visitor` is.
OF_VISITOR = {
    "device": lambda visitor: {str(visitor.device)},
    "audience": lambda visitor: {str(visitor.state)},
}
# What is said where a kind does not fit, and where it is excluded.
REFUSALS = {
    "section": (_("Meant for other sections"), _("Not for this section")),
    "tag": (_("Meant for other tags"), _("Not for one of its tags")),
    "article": (_("Meant for other stories"), _("Not for this story")),
    "language": (_("Meant for another language"), _("Not for this language")),
    "device": (_("Meant for other devices"), _("Not for this device")),
    "audience": (_("Meant for other readers"), _("Not for such readers")),
}


def refusals(include, exclude, kinds, asked):
    """Why a campaign does not fit, as lazy words; none: it does. kinds: OF_PAGE or OF_VISITOR; asked: what they are
    asked about."""
    found = []
    for kind, has in kinds.items():
        wanted, unwanted = include.get(kind), exclude.get(kind)
        if not wanted and not unwanted:
            continue
        had = has(asked)
        if unwanted and not had.isdisjoint(unwanted):
            found.append(REFUSALS[kind][1])
        elif wanted and had.isdisjoint(wanted):
            found.append(REFUSALS[kind][0])
    return found


def apart(one, other):
    """Whether two campaigns, each (include, exclude), can meet on no page and with no reader, as far as their targets
    say."""
    for kind in REFUSALS:
        wanted, others = set(one[0].get(kind) or ()), set(other[0].get(kind) or ())
        # A story has many tags: two of them may well meet in one.
        if kind != "tag" and wanted and others and wanted.isdisjoint(others):
            return True
        if wanted and wanted <= set(other[1].get(kind) or ()):
            return True
        if others and others <= set(one[1].get(kind) or ()):
            return True
    return False
