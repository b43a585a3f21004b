"""What is done with many people at once, from the bar under the contact list."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.people import bulk
from contacts.people.bulk import BulkForm
from contacts.people.choice import Choice, Unknown
from teams.access import MemberRequest, Right, team_view


@require_POST
@team_view(Right.EDIT_CONTACTS)
def contacts_change(request: MemberRequest) -> HttpResponse:
    """Tags, assigns or lists those who were picked, or all that were found."""
    try:
        choice = Choice.parse(request.POST, request.member.team)
    except Unknown as error:
        raise Http404 from error
    everybody = request.POST.get("all") == "1"
    back = f"{reverse('contacts:list')}?{choice.query(sort=choice.sort)}"
    if not everybody and choice.ids is None:
        messages.error(request, _("Nobody is selected."))
        return redirect(back)
    form = BulkForm(request.POST, member=request.member)
    if form.is_valid():
        messages.success(request, bulk.act(request.member, choice, form))
        return redirect(back)
    context = {
        "form": form,
        "choice": choice,
        "everybody": everybody,
        "people": choice.count(request.member.team),
        "back": back,
    }
    return render(request, "contacts/contacts_change.html", context, status=422)
