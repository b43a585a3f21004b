"""What the administration pages need of the content security policy, and nothing else gets; pages compressed."""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# unfold bundles an Alpine that evaluates expressions, and styles its pages inline.
NEEDED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


def admin_policy(get_response: GetResponse) -> GetResponse:
    """Loosens the policy under /admin/, for staff only. Inside `csp.middleware.CSPMiddleware`."""
    prefix = reverse("admin:index")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path.startswith(prefix) and _is_staff(request):
            response._csp_update = NEEDED  # type: ignore[attr-defined]
        return response

    return middleware


def _is_staff(request: HttpRequest) -> bool:
    """An error before the sessions leaves a request without a user."""
    return bool(getattr(getattr(request, "user", None), "is_staff", False))


class Compressed(GZipMiddleware):
    """A page goes over the wire as a fifth of itself. What streams goes as it is: an event must not wait for a block
    to be full. CSRF tokens are masked anew for each page, and Django adds random bytes: no length tells them.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)
