"""Forgets what no longer serves: once an hour, in small steps."""

from datetime import timedelta

from django.utils import timezone

from sms.models import KnownEvent, LineRecipient, SendAttempt
from teams.models import IdempotencyKey

# The gateway is not known to repeat a callback after days; an API client retries within minutes.
KEEP_KNOWN_EVENTS = timedelta(days=90)
KEEP_ATTEMPTS = timedelta(days=90)
KEEP_KEYS = timedelta(days=7)
# A month's budget of people is counted within the month, wherever the phone is.
KEEP_RECIPIENTS = timedelta(days=40)


def run() -> None:
    now = timezone.now()
    KnownEvent.objects.filter(seen_at__lt=now - KEEP_KNOWN_EVENTS).delete()
    SendAttempt.objects.filter(at__lt=now - KEEP_ATTEMPTS, messages=None).delete()
    LineRecipient.objects.filter(month__lt=(now - KEEP_RECIPIENTS).date()).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_KEYS).delete()
