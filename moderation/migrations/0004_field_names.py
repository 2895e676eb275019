import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0003_no_index_twice"), ("rooms", "0004_field_names")]

    operations = [
        migrations.RenameField("event", "act", "enforcement_id"),
        migrations.RenameField("roomstate", "facts_version", "reconciled_version"),
        migrations.AlterField(
            model_name='participantstate',
            name='ban_known',
            field=models.BooleanField(default=False, help_text='The ban of a participant who is still in the channel is recorded.'),
        ),
        migrations.AlterField(
            model_name='participantstate',
            name='channel_seq',
            field=models.BigIntegerField(help_text='The `clientSeq` of the last notification about this user.', null=True),
        ),
        migrations.AlterField(
            model_name='participantstate',
            name='channel_uid',
            field=models.BigIntegerField(help_text='Its `uid`, which identifies the user in notifications without an account.', null=True),
        ),
        migrations.AlterField(
            model_name='participantstate',
            name='connection',
            field=models.CharField(help_text='The current socket of the user.', max_length=22, null=True),
        ),
        migrations.AlterField(
            model_name='participantstate',
            name='in_channel',
            field=models.BooleanField(default=False, help_text='In the Agora channel, as Agora reports.'),
        ),
        migrations.AlterField(
            model_name='participantstate',
            name='user_id',
            field=models.CharField(help_text='Empty if only Agora has reported this participant, by alias.', max_length=255, null=True),
        ),
        migrations.AlterField(
            model_name='roomstate',
            name='reconciled_version',
            field=models.PositiveBigIntegerField(help_text='The version of the room and its members that this state is reconciled with.'),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='claimed_until',
            field=models.DateTimeField(help_text='When the claim of the process that sends it ends.', null=True),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='due_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='When to try next; queued behind another of its room, when to check again.'),
        ),
    ]
