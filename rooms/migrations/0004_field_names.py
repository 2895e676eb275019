from django.db import migrations, models

import rooms.channel_keys


class Migration(migrations.Migration):
    dependencies = [("rooms", "0003_no_index_twice")]

    operations = [
        migrations.RenameModel("CallSlot", "RateLimitSlot"),
        migrations.RemoveIndex("kickingrule", "rooms_kicking_rule_act"),
        migrations.RenameField("kickingrule", "act", "enforcement_id"),
        migrations.AlterField(
            "kickingrule",
            "enforcement_id",
            models.CharField(
                default=rooms.channel_keys.new_name,
                help_text="Rules of one kick or ban have it in common.",
                max_length=22,
            ),
        ),
        migrations.AddIndex(
            "kickingrule",
            models.Index(fields=["enforcement_id"], name="rooms_kicking_rule_enforcement"),
        ),
    ]
