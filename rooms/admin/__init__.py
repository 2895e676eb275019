"""The Django admin of rooms, members, invites and kicking rules. API keys register their own."""

from django.contrib import admin

from rooms.admin import audit_log, invites, kicking_rules, members, rooms

__all__ = ["audit_log", "invites", "kicking_rules", "members", "rooms"]

admin.site.site_header = admin.site.site_title = "tokensvc"
admin.site.site_url = None
# The lists are wide, and the navigation is short.
admin.site.enable_nav_sidebar = False
