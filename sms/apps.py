from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SmsConfig(AppConfig):
    name = "sms"
    verbose_name = _("Lines and messages")

    def ready(self) -> None:
        """What this app adds to the ones below it."""
        from sms import consent
        from sms.campaigns import conditions as of_campaigns
        from sms.campaigns import uses
        from sms.people import conditions, imported, merging, privacy

        consent.follow_opt_outs()
        privacy.register()
        conditions.register_all()
        of_campaigns.register_all()
        uses.register()
        merging.follow_merges()
        imported.follow_reverts()
