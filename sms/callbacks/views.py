"""The callbacks' door as an ordinary view, for `runserver` and the test client; crm/asgi.py answers first."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sms import wake
from sms.callbacks.decode import is_empty
from sms.callbacks.store import STORE, hash_of


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """200 once the raw bytes are stored. A HEAD stores nothing: monitors and previewers use it."""
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    if request.method == "HEAD" or is_empty(query):
        return HttpResponse(status=200)
    with connection.cursor() as cursor:
        cursor.execute(STORE, [query, timezone.now(), hash_of(token)])
        if cursor.fetchone() is None:
            return HttpResponseNotFound()
    wake.callbacks()
    return HttpResponse("ok", content_type="text/plain")
