"""What staff look after in the browser. API keys bring an admin of their own."""

from django.contrib import admin

from rooms.admin import audit_log, invites, kicking_rules, members, rooms

__all__ = ["audit_log", "invites", "kicking_rules", "members", "rooms"]

admin.site.site_header = admin.site.site_title = "tokensvc"
admin.site.site_url = None
# The lists are wide, and there is little to navigate.
admin.site.enable_nav_sidebar = False
