"""What a person does from the inbox: write, note, decide about a message, assign, begin a conversation."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sms.conversations import compose, filling, folders, inbox, opened, prefilled, views, whom
from sms.conversations.folders import Folder
from sms.conversations.forms import AssignForm, FirstForm, NoteForm, ReplyForm, new_key
from sms.conversations.opened import Opened
from sms.conversations.views import is_fragment
from sms.models import Conversation, Message
from sms.sending import decide
from teams import audit, live
from teams.access import MemberRequest, Right, team_view
from teams.idempotency import KeyReused

CHANGED = {"HX-Trigger": "ligne:changed"}


def done(request: HttpRequest, back: str, said: str = "") -> HttpResponse:
    """The answer to a change: nothing but a word to look again for htmx, the page itself otherwise."""
    if is_fragment(request):
        return HttpResponse(status=204, headers=CHANGED)
    if said:
        messages.success(request, said)
    return redirect(back)


@require_POST
@team_view(Right.CONVERSE)
def send(request: MemberRequest, contact_id: int) -> HttpResponse:
    """A reply, or a note when the form says so. 204 for htmx; 422 with the composer when it is refused."""
    if request.POST.get("kind") == "note":
        return _note(request, contact_id)
    one = opened.open_contact(request.member, contact_id)
    numbers = opened.numbers_of(one.contact)
    composer = compose.composer_for(request.member, one.contact, numbers, one.conversation.line_id)
    form = compose.reply_form(composer, request.POST)
    if composer.off:
        form.add_error(None, composer.off)
    if form.is_valid():
        filling.fill(form, request.member.team, one.contact)
    if not form.is_valid():
        return _refused(request, one, form)
    try:
        compose.send(request.member, form, form.cleaned_data["to"])
    except KeyReused:
        form.add_error(
            None, _("This form was sent before, with other words. Press Send if this is a new message.")
        )
        return _refused(request, one, form, fresh_key=True)
    return done(request, _thread_of(request, contact_id))


@require_POST
@team_view(Right.CONVERSE)
def note(request: MemberRequest, contact_id: int) -> HttpResponse:
    return _note(request, contact_id)


def _note(request: MemberRequest, contact_id: int) -> HttpResponse:
    one = opened.open_contact(request.member, contact_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _refused(request, one, form)
    try:
        compose.add_note(request.member, one.contact, form)
    except KeyReused:
        form.add_error(None, _("This form was sent before, with other words. Add it if this is a new note."))
        return _refused(request, one, form, fresh_key=True)
    return done(request, _thread_of(request, contact_id))


def _thread_of(request: MemberRequest, contact_id: int) -> str:
    return inbox.thread_address(contact_id, folders.chosen(request.GET.get("folder")))


def _refused(
    request: MemberRequest, one: Opened, form: ReplyForm | NoteForm, *, fresh_key: bool = False
) -> HttpResponse:
    """The composer with what was typed and what is wrong with it; without htmx in its page."""

    def errors(*names: str) -> str:
        return " ".join(str(error) for name in names for error in form.errors.get(name, ()))

    line = request.POST.get("line", "")
    written: dict[str, Any] = {
        name: request.POST.get(name, "") for name in ("text", "url", "send_at", "reason", "to")
    } | {
        "kind": "note" if isinstance(form, NoteForm) else "reply",
        "key": new_key() if fresh_key else request.POST.get("key", "")[:64],
        "error": errors("__all__", "text", "line", "to", "key"),
        "link_error": errors("url"),
        "send_at_error": errors("send_at"),
        "reason_error": errors("reason"),
    }
    if line.isascii() and line.isdigit():
        written["line"] = int(line)
    if not is_fragment(request):
        return views.render_thread(request, one, written=written, status=422)
    context = views.beside_context(request, one, written=written)
    response = render(request, "sms/conversation_composer.html", context, status=422)
    # In place of the whole form: an error stands beside its field.
    response.headers["HX-Retarget"] = "#composer"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def _message(request: MemberRequest, message_id: int) -> Message:
    """Raises Http404 for a message that is not ours to decide about."""
    seen = Conversation.objects.visible_to(request.member).values("contact")
    # Whom only a campaign wrote to has no conversation yet.
    ours = Message.objects.for_team(request.member.team).filter(
        Q(contact__in=seen) | Q(contact__conversation=None), direction=Message.Direction.OUT
    )
    return get_object_or_404(ours.select_related("team", "line", "contact"), pk=message_id)


def _decided(request: MemberRequest, message: Message, changed: bool, too_late: str) -> HttpResponse:
    """409 for htmx when somebody, or the phone, was quicker: the page shows how it stands now."""
    if not changed and is_fragment(request):
        return HttpResponse(status=409, headers=CHANGED)
    if not changed:
        messages.error(request, too_late)
    return done(request, _thread_of(request, message.contact_id or 0))


@require_POST
@team_view(Right.CONVERSE)
def message_again(request: MemberRequest, message_id: int) -> HttpResponse:
    message = _message(request, message_id)
    again = decide.send_again(message, by=request.user)
    return _decided(request, message, again is not None, _("Somebody decided about it already."))


@require_POST
@team_view(Right.CONVERSE)
def message_leave(request: MemberRequest, message_id: int) -> HttpResponse:
    message = _message(request, message_id)
    left = decide.leave(message, by=request.user)
    return _decided(request, message, left, _("Somebody decided about it already."))


@require_POST
@team_view(Right.CONVERSE)
def message_cancel(request: MemberRequest, message_id: int) -> HttpResponse:
    message = _message(request, message_id)
    return _decided(request, message, decide.cancel(message), _("Too late: it left already."))


@require_POST
@team_view(Right.CONVERSE)
def assign(request: MemberRequest, contact_id: int) -> HttpResponse:
    """Gives the conversation to a colleague, to oneself or to nobody."""
    member = request.member
    conversation = get_object_or_404(Conversation.objects.visible_to(member), pk=contact_id)
    form = AssignForm(request.POST)
    wanted = form.cleaned_data["assignee"] if form.is_valid() else -1
    chosen = next((each for each in views.colleagues(member) if each.pk == wanted), None)
    if wanted is not None and chosen is None:
        return HttpResponse(status=409) if is_fragment(request) else redirect(_thread_of(request, contact_id))
    if Conversation.objects.filter(pk=conversation.pk).exclude(assignee=chosen).update(assignee=chosen):
        audit.record(
            member.team,
            "conversation.assigned",
            conversation,
            actor=member.user,
            assignee=chosen.pk if chosen else None,
        )
        live.announce([member.team.pk])
    if Conversation.objects.visible_to(member).filter(pk=contact_id).exists():
        return done(request, _thread_of(request, contact_id))
    # Given away: this member does not see it any more.
    away = folders.address(folders.chosen(request.GET.get("folder")))
    return HttpResponse(status=204, headers={"HX-Redirect": away}) if is_fragment(request) else redirect(away)


@require_http_methods(["GET", "HEAD", "POST"])
@team_view(Right.CONVERSE)
def first(request: MemberRequest) -> HttpResponseBase:
    """A message to a number or a contact that need not have a conversation yet."""
    member = request.member
    if request.method != "POST":
        to = request.GET.get("to", "")[:200]
        if is_fragment(request):
            return render(request, "sms/conversation_people.html", {"people": whom.people(member, to)})
        initial = {"to": to, "key": new_key()} | (prefilled.for_first(request, member, to) or {})
        return _first_page(request, FirstForm(None, lines=[], line=None, initial=initial))
    lines, usual = compose.lines_for(member, None)
    form = FirstForm(request.POST, lines=lines, line=usual)
    person, choices = whom.whom(member, request.POST.get("to", "")) if form.is_valid() else (None, [])
    if form.is_valid() and person is None:
        several = _("Several people are called so: choose one.")
        form.add_error("to", several if choices else _("No contact is called so, and it is no number."))
    if form.is_valid() and (refused := whom.refusal(member, str(person))):
        form.add_error("to", refused)
    if form.is_valid():
        filling.fill(form, member.team, whom.with_number(member, str(person)))
    if not form.is_valid():
        return _first_page(request, form, choices=choices)
    try:
        message = Message.objects.get(pk=compose.send(member, form, str(person)))
    except KeyReused:
        form.add_error(
            None, _("This form was sent before, with other words. Press Send if this is a new message.")
        )
        form.data = {**request.POST.dict(), "key": new_key()}
        return _first_page(request, form)
    return redirect(inbox.thread_address(message.contact_id or 0, Folder.ALL))


def _first_page(
    request: MemberRequest, form: FirstForm, *, choices: list[dict[str, str]] | None = None
) -> HttpResponse:
    member = request.member
    lines, usual = compose.lines_for(member, None)
    line = form.cleaned_data.get("line", usual) if form.is_bound else usual
    to = urlencode({"to": str(form["to"].value() or "")})
    context = {
        "templates_url": f"{reverse('sms:compose-templates')}?{to}",
        "form": form,
        "choices": choices or [],
        "lines": [(each.pk, compose.line_label(each, member.team.region)) for each in lines],
        "line_id": line.pk if line else None,
        "folder": Folder.ALL,
        "shelves": folders.shelves(member, Folder.ALL),
    }
    return render(request, "sms/conversation_new.html", context, status=422 if form.is_bound else 200)
