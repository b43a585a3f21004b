"""From a line's row to what the gateway client needs, and which hosts it may reach."""

from django.conf import settings

from sms.gateway.results import LineAccess
from sms.models import GatewayHost, Line


def allowed_hosts() -> frozenset[str]:
    """The hosts of the settings and those that admins connected. Loopback is the client's own rule."""
    return frozenset([*settings.GATEWAY_HOSTS, *GatewayHost.objects.values_list("host", flat=True)])


def access_of(line: Line) -> LineAccess:
    return LineAccess(
        line_id=line.pk,
        login=line.login,
        access_key=line.access_key,
        base_url=line.base_url,
        send_path=line.send_path,
        contact_path=line.contact_path,
        marker=line.marker,
        test_mode=line.test_mode,
        allowed_hosts=allowed_hosts(),
    )
