"""What a colleague says when they opt somebody out or in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ConsentForm(forms.Form):
    reason = forms.CharField(
        label=_("What they said, and where"),
        max_length=500,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept as the proof, with your name and the time."),
    )
