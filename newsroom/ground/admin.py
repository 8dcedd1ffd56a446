"""The audit log in the desk: owners read it, and nobody writes in it."""

from django.contrib import admin

from newsroom.ground.models import Deed


@admin.register(Deed)
class DeedAdmin(admin.ModelAdmin):
    list_display = fields = readonly_fields = ["at", "deed", "kind", "key", "note", "actor"]
    list_filter = ["deed", "at"]
    search_fields = ["actor", "key", "note"]
    list_per_page = 100
    show_full_result_count = False
    actions = None

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
