"""What staff look after in the browser. API keys bring an admin of their own."""

from django.contrib import admin

from rooms.admin import invites, kicking_rules, log, members, rooms

__all__ = ["invites", "kicking_rules", "log", "members", "rooms"]

admin.site.site_header = admin.site.site_title = "tokensvc"
admin.site.site_url = None
# The lists are wide, and there is little to navigate.
admin.site.enable_nav_sidebar = False
