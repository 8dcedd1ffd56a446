from django.apps import AppConfig


class NewsroomConfig(AppConfig):
    name = "newsroom"

    def ready(self):
        # Importing them tells Django of them.
        from newsroom import checks  # noqa: F401
