from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rooms import checks  # noqa: F401, PLC0415 (registers them, once models can be imported)
        from rooms.api import schema  # noqa: F401, PLC0415 (registers its extensions)
