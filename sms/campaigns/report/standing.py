"""How a campaign stands, in sentences: the line beside its name, and what somebody should know or do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from sms import merge_fields
from sms.campaigns.finish import OnLine, Outlook
from sms.campaigns.report import numbers
from sms.campaigns.report.funnel import people
from sms.campaigns.report.numbers import Figures
from sms.lines.health import Health
from sms.models import Campaign, Line
from sms.sending.estimate import Finish
from teams.templatetags.ligne import full_date, hour, moment

State = Campaign.State


@dataclass(frozen=True)
class Notice:
    """`what` and since when, what it `means`, and the way out. `tone`: err, calm or "" for amber."""

    tone: str
    what: str
    means: str = ""
    address: str = ""
    way: str = ""
    # The button that lets it go on stands here.
    resume: bool = False


def sentence(campaign: Campaign, figures: Figures, outlook: Outlook) -> str:
    """`started today at 09:12 by Inès, 18 still to send, until about 15:40`"""
    return ", ".join(filter(None, _clauses(campaign, figures, outlook)))


def _clauses(campaign: Campaign, figures: Figures, outlook: Outlook) -> Iterator[str]:
    if campaign.state == State.SCHEDULED:
        yield _("leaves %(moment)s") % {"moment": moment(campaign.starts_at)}
    elif campaign.state == State.FINISHED:
        yield _("finished %(moment)s") % {"moment": moment(campaign.finished_at)}
    elif campaign.state == State.CANCELLED:
        yield _("cancelled %(moment)s") % {"moment": moment(campaign.finished_at)}
    yield _started(campaign)
    waiting = numbers.count(figures, "waiting")
    if waiting and campaign.state in (State.RUNNING, State.PAUSED):
        yield ngettext("%(count)s still to send", "%(count)s still to send", waiting) % {
            "count": intcomma(waiting)
        }
    if outlook.finish is not None and outlook.finish.at is not None:
        yield until(outlook.finish.at)


def _started(campaign: Campaign) -> str:
    who = campaign.started_by.get_short_name() if campaign.started_by else ""
    said = {"moment": moment(campaign.started_at), "who": who}
    if campaign.state == State.SCHEDULED:
        return _("confirmed by %(who)s") % said if who else ""
    return _("started %(moment)s by %(who)s") % said if who else _("started %(moment)s") % said


def until(at: datetime) -> str:
    """When the last one leaves, within a sentence."""
    if timezone.localdate(at) == timezone.localdate():
        return _("until about %(time)s") % {"time": hour(at)}
    return _("until %(moment)s") % {"moment": moment(at)}


def notices(
    campaign: Campaign, figures: Figures, outlook: Outlook, *, may_settle_lines: bool
) -> list[Notice]:
    """What is wrong or holds it up, the worst first. `may_settle_lines`: a line's settings can be opened."""
    found: list[Notice] = []
    if campaign.state == State.PAUSED:
        found.append(_paused(campaign, figures))
    if campaign.state in (State.RUNNING, State.SCHEDULED) and campaign.planned_at is None:
        found.append(_planning(campaign, figures))
    if campaign.state in (State.RUNNING, State.PAUSED):
        found += _text(campaign)
        found += [each for line in outlook.lines if (each := _of_line(campaign, line, may_settle_lines))]
    if campaign.state == State.RUNNING:
        found += _holding_up(outlook)
    if outlook.finish is not None:
        found += _finish(campaign, outlook.finish)
    expired = numbers.count(figures, "skipped:expired")
    if expired:
        found.append(_expired(campaign, expired))
    return found


def _paused(campaign: Campaign, figures: Figures) -> Notice:
    said = {"moment": moment(campaign.paused_at)}
    if not campaign.paused_reason:
        by = campaign.paused_by.get_short_name() if campaign.paused_by else ""
        what = (
            _("Paused %(moment)s by %(who)s.") % {**said, "who": by} if by else _("Paused %(moment)s.") % said
        )
        means = _("Nothing leaves until you resume it. Texts already sent stay sent.")
        return Notice("calm", what, means, resume=True)
    result = "uncertain" if campaign.paused_reason == "uncertain" else "failed"
    count = numbers.count(figures, result)
    if result == "uncertain":
        what = _("It paused itself %(moment)s: too many texts may or may not have gone out.") % said
        means = _("Check the phone and the line first, then resume. Nobody is texted twice.")
        way = ngettext("See the uncertain text", "See the %(count)s uncertain texts", count)
    else:
        what = _("It paused itself %(moment)s: too many of its last texts failed.") % said
        means = _("The next ones would fail too. Correct what is wrong, then resume.")
        way = ngettext("See the failed text", "See the %(count)s failed texts", count)
    return Notice("err", what, means, people(campaign, result), way % {"count": intcomma(count)}, resume=True)


def _planning(campaign: Campaign, figures: Figures) -> Notice:
    done, expected = numbers.count(figures, "all"), campaign.expected
    means = _("%(done)s of %(expected)s so far. Texts are already leaving.") % {
        "done": intcomma(min(done, expected)),
        "expected": intcomma(expected),
    }
    return Notice("calm", _("The list of recipients is being prepared."), means)


def _text(campaign: Campaign) -> Iterator[Notice]:
    """It names a field that was deleted meanwhile."""
    try:
        merge_fields.checked(campaign.text, campaign.team)
    except merge_fields.Wrong as wrong:
        means = _("Nothing leaves until its text is changed: pause the campaign to change it.")
        yield Notice("err", str(wrong), means)


def _of_line(campaign: Campaign, each: OnLine, may_settle_lines: bool) -> Notice | None:
    """Held, nobody's though the text names its sender, or the gateway is out of reach."""
    line, count = each.line, each.count
    health = Health(line, count, uncertain=0, today=0, unheard=0, unheard_since=None)
    waits = ngettext(
        "One text is waiting and is not lost.", "%(count)s texts are waiting and none is lost.", count
    )
    means = waits % {"count": intcomma(count)}
    address = reverse("sms:line", args=[line.pk]) if may_settle_lines else ""
    way = _("To the line") if may_settle_lines else ""
    if line.state == Line.State.HELD:
        what = _("“%(line)s” has been on hold since %(since)s: %(why)s") % {
            "line": line.name,
            "since": health.held_since,
            "why": health.held_why,
        }
        return Notice("err", what, means, address, way)
    if line.holder_id is None and merge_fields.needs_sender(campaign.text):
        what = _("The text names its sender, and nobody holds “%(line)s”.") % {"line": line.name}
        return Notice("err", what, means, address, way)
    if health.waits_until:
        what = _("The gateway of “%(line)s” cannot be reached. Next try at %(time)s.") % {
            "line": line.name,
            "time": hour(health.waits_until),
        }
        return Notice("", what, means, address, way)
    return None


def _holding_up(outlook: Outlook) -> Iterator[Notice]:
    """A plan that is used up, and hours that are closed on all of its lines."""
    now = timezone.now()
    active = [each for each in outlook.lines if each.line.state == Line.State.ACTIVE]
    for each in active:
        if each.budget.spent:
            yield _spent(each)
    rest = [each for each in active if not each.budget.spent]
    opens = min(filter(None, (each.opens(now) for each in rest)), default=None)
    if rest and opens and not any(each.is_open(now) for each in rest):
        yield Notice(
            "calm", _("Outside its sending hours: it goes on %(moment)s.") % {"moment": moment(opens)}
        )


def _spent(each: OnLine) -> Notice:
    budget, name = each.budget, each.line.name
    if budget.month_budget and budget.month_used >= budget.month_budget:
        what = ngettext(
            "The SIM of “%(line)s” has reached its limit of one person for this month.",
            "The SIM of “%(line)s” has reached its limit of %(count)s people for this month.",
            budget.month_budget,
        ) % {"line": name, "count": intcomma(budget.month_budget)}
        return Notice("", what, _("The rest leaves from %(day)s on.") % {"day": full_date(budget.renewed)})
    what = ngettext(
        "The SIM of “%(line)s” has reached its limit of one text for today.",
        "The SIM of “%(line)s” has reached its limit of %(count)s texts for today.",
        budget.day_budget,
    ) % {"line": name, "count": intcomma(budget.day_budget)}
    return Notice("", what, _("The rest leaves from tomorrow on."))


def _finish(campaign: Campaign, finish: Finish) -> Iterator[Notice]:
    left_out = finish.left_out
    if left_out and campaign.expires_at:
        what = ngettext(
            "One person will not be texted in time.",
            "%(count)s people will not be texted in time.",
            left_out,
        ) % {"count": intcomma(left_out)}
        means = _("Sending stops %(moment)s: anyone not texted by then is left out.") % {
            "moment": moment(campaign.expires_at)
        }
        yield Notice("", what, " ".join(filter(None, (means, limit(finish)))))
    elif finish.at is None:
        yield Notice(
            "err", _("Sending will never end: its hours never come, or the SIM's plan is not enough.")
        )
    elif finish.days > 1:
        what = ngettext("Sending takes %(n)d day.", "Sending takes %(n)d days.", finish.days) % {
            "n": finish.days
        }
        yield Notice("calm", what, limit(finish))


def limit(finish: Finish) -> str:
    """What makes it last, as a sentence; "" where nothing does."""
    return {
        "pace": _("It is held back by the pace of its lines."),
        "day_budget": _("It is held back by the number of texts a day that the SIM's plan allows."),
        "month_budget": _("It is held back by the number of people a month that the SIM's plan allows."),
        "hours": _("It is held back by its sending hours."),
    }.get(finish.limit, "")


def _expired(campaign: Campaign, count: int) -> Notice:
    what = ngettext(
        "One person was not texted in time.", "%(count)s people were not texted in time.", count
    ) % {"count": intcomma(count)}
    means = ""
    if campaign.expires_at and campaign.expires_at <= timezone.now():
        means = _("Sending stopped %(moment)s.") % {"moment": moment(campaign.expires_at)}
    return Notice("", what, means, people(campaign, "skipped:expired"), pgettext("people", "See who"))
