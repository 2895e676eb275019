from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moderation", "0003_no_index_twice"), ("rooms", "0004_field_names")]

    operations = [
        migrations.RenameField("event", "act", "enforcement_id"),
        migrations.RenameField("roomstate", "facts_version", "reconciled_version"),
    ]
