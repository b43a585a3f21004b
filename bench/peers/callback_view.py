"""Peer of the callbacks' door: a view that gets the line and saves the callback. Under gunicorn sync."""

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.settings")
application = get_wsgi_application()

# After Django is set up.
from sms.models import Callback, Line  # noqa: E402
from sms.models.line import hash_of  # noqa: E402


@csrf_exempt
def callback(request: HttpRequest, token: str) -> HttpResponse:
    line = Line.objects.get(callback_token_hash=hash_of(token))
    Callback(
        team_id=line.team_id,
        line=line,
        query=request.META["QUERY_STRING"].encode(),
        received_at=timezone.now(),
    ).save()
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [path("cb/<str:token>", callback)]
