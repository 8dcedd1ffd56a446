"""The admin of stories. All that it saves goes through `articles.publishing`."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F
from django.http import Http404, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from js_asset import Media, Script

from articles import publishing
from articles.desk import described, plan, story_parts, terms, texts, who_reads, why
from articles.desk.story_form import StoryForm
from articles.models import Article, Related
from newsroom.ground import counters, stamps
from newsroom.ground.numbers import row_number

# Rows that a list counts and turns through: an exact number over a large archive costs a walk through all of it.
COUNTED = 10_000
AT_ONCE = 200


class BoundedPaginator(Paginator):
    @cached_property
    def count(self):
        return self.object_list[:COUNTED].count()


class StoryAdmin(admin.ModelAdmin):
    form = StoryForm
    list_display = ["headline", "section", "status", "published", "audience", "language", "reads"]
    list_select_related = ["section"]
    list_filter = ["status", "audience", "language", "section", "published_at"]
    list_per_page = 50
    search_fields = ["headline", "standfirst", "slug", "source", "source_url"]
    search_help_text = _("Headline, standfirst, address or source")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    # Drafts, which have no date yet, stand on top in every database.
    ordering = [F("published_at").desc(nulls_first=True), "-pk"]
    actions = ["publish", "withdraw"]
    autocomplete_fields = ["translation_of"]
    inlines = [story_parts.BylinePart, story_parts.RelatedPart, story_parts.CorrectionPart]
    fieldsets = [
        (None, {"fields": ["headline", "standfirst", "html", "opened_version"]}),
        (_("Publication"), {"classes": ["side"], "fields": ["status", "published_at", "updated_at", "reason"]}),
        (_("Who may read it"), {"classes": ["side", "terms"], "fields": [*terms.FIELDS, "in_words"]}),
        (_("Beside the text"), {"classes": ["side"], "fields": ["without_ads", "sensitive"]}),
        (_("Place"), {"classes": ["side"], "fields": ["section", "tag_names", "hashtag_names", "image"]}),
        (_("Origin"), {"classes": ["side"], "fields": ["slug", "language", "translation_of", "source", "source_url"]}),
    ]

    class Media:
        js = [Script("desk/who_reads.js", type="module")]

    def has_publish_permission(self, request):
        return request.user.has_perm("articles.publish_article")

    # What readers can see changes only by the hand of someone who may publish.
    def has_change_permission(self, request, obj=None):
        live = obj is not None and obj.status == Article.Status.PUBLISHED
        return super().has_change_permission(request, obj) and (not live or self.has_publish_permission(request))

    # A live story is withdrawn first: its address must answer honestly.
    def has_delete_permission(self, request, obj=None):
        live = obj is not None and obj.status == Article.Status.PUBLISHED
        return super().has_delete_permission(request, obj) and not live

    def get_fieldsets(self, request, obj=None):
        """What a story asks of its readers is set by who may publish; others read in words what that is."""
        if self.has_publish_permission(request):
            return self.fieldsets
        return [
            (name, options | {"fields": [field for field in options["fields"] if field not in terms.FIELDS]})
            for name, options in self.fieldsets
        ]

    def get_readonly_fields(self, request, obj=None):
        return ["in_words", *([] if self.has_publish_permission(request) else terms.FIELDS)]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(read_count=counters.total("read"))

    # Not to be ordered by: that would add up the counts of all stories for each page of the list.
    @admin.display(description=_("reads"))
    def reads(self, story):
        return story.read_count

    @admin.display(description=_("published"), ordering="published_at")
    def published(self, story):
        return date_format(localtime(story.published_at), "j M Y, H:i") if story.published_at else "–"

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except publishing.Stale:
            # Nothing was written. Read anew, the form itself says that someone was faster, and keeps what was typed.
            return super().changeform_view(request, *args, **kwargs)

    def get_object(self, request, *args, **kwargs):
        # Who saves holds the lock before reading, so that the version which the form compares is the one it replaces.
        if request.method == "POST":
            stamps.hold()
        return super().get_object(request, *args, **kwargs)

    def response_action(self, request, queryset):
        """Run an action of the list on the stories as they are once nobody else is saving."""
        with transaction.atomic():
            stamps.hold()
            return super().response_action(request, queryset)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        story_parts.without_side_doors(field)
        return field

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.may_publish = self.has_publish_permission(request)
        return form

    def view_on_site(self, obj):
        return obj.get_absolute_url() if obj.status == Article.Status.PUBLISHED else None

    def render_change_form(self, request, context, *args, **kwargs):
        # The import map is an inline script: it needs the nonce of this response.
        context["media"] = Media.from_media(context["media"], nonce=str(request.csp_nonce))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        """Nothing yet: the parts below the form belong to the same draft, and they are known in `save_related`."""

    def save_related(self, request, form, formsets, change):
        """Save story and parts in one call, inside the transaction that the admin holds for the whole form."""
        bylines, relations, corrections = formsets
        for formset in formsets:
            formset.save(commit=False)
        draft = form.draft(
            authors=story_parts.author_names(bylines) if bylines.has_changed() else None,
            corrections=story_parts.corrections(corrections) if corrections.has_changed() else None,
        )
        published = draft.article.status == Article.Status.PUBLISHED
        write = publishing.publish if published else publishing.save
        write([draft], by=request.user, reason=form.cleaned_data["reason"])
        story_parts.write_relations(draft.article.pk, relations, both_ways=self.has_publish_permission(request))

    @admin.action(description=_("Publish the chosen stories"), permissions=["publish"])
    def publish(self, request, queryset):
        stories = self._chosen(request, queryset.exclude(status=Article.Status.PUBLISHED))
        if stories is None:
            return
        drafts = [publishing.Draft(story) for story in stories]
        publishing.publish(drafts, by=request.user, reason=gettext("Published from the list"))
        # A draft of someone who may not publish points to others; now they point back.
        publishing.relate(Related.objects.filter(article__in=stories).values_list("article_id", "other_id"))
        self._report(request, stories, gettext("Published from the list"))
        done = ngettext("%d story published.", "%d stories published.", len(stories)) % len(stories)
        self.message_user(request, done)

    @admin.action(description=_("Withdraw the chosen stories"), permissions=["publish"])
    def withdraw(self, request, queryset):
        stories = self._chosen(request, queryset.filter(status=Article.Status.PUBLISHED))
        if stories is None:
            return
        publishing.withdraw(stories, by=request.user, reason=gettext("Withdrawn from the list"))
        self._report(request, stories, gettext("Withdrawn from the list"))
        done = ngettext("%d story withdrawn.", "%d stories withdrawn.", len(stories)) % len(stories)
        self.message_user(request, done)

    def _chosen(self, request, queryset):
        """The stories as a list, None (and a message) where they are too many."""
        stories = list(queryset[: AT_ONCE + 1])
        if len(stories) > AT_ONCE:
            self.message_user(
                request, gettext("At most %d stories at once; none was changed.") % AT_ONCE, messages.ERROR
            )
            return None
        return stories

    def _report(self, request, stories, words):
        LogEntry.objects.log_actions(request.user.pk, stories, CHANGE, change_message=words)

    def get_urls(self):
        site = self.admin_site
        return [
            path("who-reads/", site.admin_view(self.who_would_read), name="articles_article_who_reads"),
            path("why/", site.admin_view(self.ask_why), name="articles_article_why_of"),
            path("<int:pk>/plan/", site.admin_view(self.show_plan), name="articles_article_plan"),
            path("<int:pk>/why/", site.admin_view(self.show_why), name="articles_article_why"),
            path("<int:pk>/revisions/", site.admin_view(self.revisions), name="articles_article_revisions"),
            path("<int:pk>/revisions/<int:number>/", site.admin_view(self.revision), name="articles_article_revision"),
            *super().get_urls(),
        ]

    def revisions(self, request, pk):
        story = self._story(request, pk)
        page = Paginator(texts.revisions(pk), self.list_per_page).get_page(request.GET.get("p"))
        return self._page(request, "desk/revisions.html", story, gettext("Revisions"), page=page)

    def revision(self, request, pk, number):
        story = self._story(request, pk)
        found = texts.revision(pk, number)
        if found is None:
            raise Http404
        said, text = found
        title = gettext("Revision %d") % number
        return self._page(request, "desk/revision.html", story, title, revision=said, text=mark_safe(text))

    @method_decorator(require_safe)
    def show_plan(self, request, pk):
        """The story as it was saved last, with the place of each insert, for one reader and one width."""
        story = self._story(request, pk)
        form = plan.PlanForm.asked(request.GET)
        asked = form if form.is_valid() else plan.PlanForm.asked(QueryDict())
        asked.full_clean()
        page = plan.planned(story, described.reader(asked.cleaned_data))
        context = plan.context(page, asked.cleaned_data["width"], request.GET)
        return self._page(request, "desk/plan.html", story, gettext("Where inserts stand"), form=form, **context)

    @method_decorator(require_safe)
    def show_why(self, request, pk):
        """What a reader of the story would be shown, and why not the rest."""
        story, inserts = self._story(request, pk), why.held()
        form = described.VisitorForm.asked(request.GET, counted=why.counted(inserts))
        context = {"form": form, "query": request.GET.urlencode()}
        if form.is_valid():
            visitor = described.described(form.cleaned_data)
            page = plan.planned(story, visitor.reader)
            context |= {"reads": plan.reads(page.access), "told": why.told(page, visitor, inserts)}
        return self._page(request, "desk/why.html", story, gettext("Why is this shown?"), **context)

    @method_decorator(require_safe)
    def ask_why(self, request):
        """To the same page of a story that is named by its number or its address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = why.WhichForm(request.GET or None)
        if form.is_valid():
            return redirect("admin:articles_article_why", form.cleaned_data["story"].pk)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": gettext("Why is this shown?")}
        return render(request, "desk/why_of.html", context | {"form": form})

    @admin.display(description=_("in words"))
    def in_words(self, story):
        """Beside the terms as they are stored; a script has them told anew while they are changed."""
        return render_to_string(
            "desk/_who_reads_field.html",
            {
                "said": self._told(story) if story.pk else None,
                "pk": story.pk or "",
                "redraw": reverse("admin:articles_article_who_reads"),
            },
        )

    def _told(self, story):
        return who_reads.told(story, story.ranks, timezone.now())

    @method_decorator(require_POST)
    def who_would_read(self, request):
        """The same words, for what a story's form says just now and nobody has saved: {"html": …}."""
        pk = row_number(request.POST.get("pk", ""))
        story = None if pk is None else get_object_or_404(Article, pk=pk)
        if not (self.has_change_permission(request, story) if story else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, story, change=story is not None)(request.POST, instance=story)
        form.full_clean()
        wrong = [error for name in terms.FIELDS for error in form.errors.get(name, [])]
        said = None if wrong else who_reads.told(*form.rehearsed(), timezone.now())
        return JsonResponse({"html": render_to_string("desk/_who_reads.html", {"said": said, "wrong": wrong})})

    def html(self, story):
        """The text, for those who may look at the form but not change it."""
        # Canonical, and so sanitised.
        return mark_safe(texts.whole(story.pk))

    html.short_description = _("text")

    def _story(self, request, pk):
        story = self.get_object(request, str(pk))
        if story is None:
            raise Http404
        if not self.has_view_permission(request, story):
            raise PermissionDenied
        return story

    def _page(self, request, template, story, title, **context):
        context |= self.admin_site.each_context(request)
        context |= {"original": story, "title": title, "opts": self.opts, "said": self._told(story)}
        return render(request, template, context)
