"""The first tables."""

from __future__ import annotations

from django.conf import settings  # type: ignore[import-untyped]  # Django has no types
from django.db import migrations, models  # type: ignore[import-untyped]  # as above

from authwire.adapters.django.fields import KeyField

__all__ = ["Migration"]


class Migration(migrations.Migration):  # type: ignore[misc]  # as above
    initial = True
    # Not Django's own app of users: the project's may be another.
    dependencies = (migrations.swappable_dependency(settings.AUTH_USER_MODEL),)
    operations = (
        migrations.CreateModel(
            name="UserDetail",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="%(app_label)s_detail",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.TextField(blank=True, null=True)),
                ("email", KeyField(blank=True, max_length=254, null=True)),
                ("email_verified", models.DateTimeField(blank=True, null=True)),
                ("image", models.TextField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("email",), name="authwire_userdetail_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session_token", KeyField(max_length=255)),
                ("expires", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="%(app_label)s_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("session_token",), name="authwire_session_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="VerificationToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identifier", KeyField(max_length=320)),
                ("token", KeyField(max_length=255)),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token", "identifier"), name="authwire_verificationtoken_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("type", models.CharField(max_length=32)),
                ("provider", KeyField(max_length=100)),
                ("provider_account_id", KeyField(max_length=1364, mysql_length=640)),
                ("access_token", models.TextField(blank=True, null=True)),
                ("refresh_token", models.TextField(blank=True, null=True)),
                ("id_token", models.TextField(blank=True, null=True)),
                ("token_type", models.TextField(blank=True, null=True)),
                ("scope", models.TextField(blank=True, null=True)),
                ("expires_at", models.BigIntegerField(blank=True, null=True)),
                ("session_state", models.TextField(blank=True, null=True)),
                ("extra", models.JSONField(blank=True, default=dict)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="%(app_label)s_accounts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "provider_account_id"), name="authwire_account_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("credential_id", KeyField(ascii_only=True, max_length=1364)),
                ("provider_account_id", KeyField(ascii_only=True, max_length=1364)),
                ("credential_public_key", models.TextField()),
                ("counter", models.BigIntegerField()),
                ("credential_device_type", models.CharField(max_length=32)),
                ("credential_backed_up", models.BooleanField()),
                ("transports", models.TextField(blank=True, null=True)),
                ("name", models.TextField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="%(app_label)s_authenticators",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("credential_id",), name="authwire_authenticator_key"
                    )
                ],
            },
        ),
    )
