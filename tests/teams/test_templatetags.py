"""What pages write: times in the reader's zone and language, people, links, icons and form controls."""

import datetime
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from teams.templatetags import ligne

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime.datetime(2026, 11, 24, 14, 32, tzinfo=PARIS)  # a Tuesday


@pytest.fixture(autouse=True)
def tuesday_in_paris() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), timezone.override(PARIS), translation.override("en"):
        yield


def before(**span: float) -> datetime.datetime:
    return NOW - datetime.timedelta(**span)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (before(seconds=20), "now"),
        (before(minutes=2), "2 min"),
        (before(minutes=59, seconds=59), "59 min"),
        (before(hours=3, minutes=12), "11:20"),
        (before(days=1), "Mon"),
        (before(days=6), "Wed"),
        (before(days=12), "12 Nov"),
        (before(days=400), "20 Oct 2025"),
        (None, ""),
    ],
)
def test_ago_is_as_short_as_it_can_be(moment: Any, said: str) -> None:
    assert ligne.ago(moment) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (before(minutes=14), "14 min"),
        (before(hours=3, minutes=12), "3 h"),
        (before(hours=23), "23 h"),
        (before(days=1), "Mon"),
    ],
)
def test_waited_counts_hours_through_midnight(moment: Any, said: str) -> None:
    assert ligne.waited(moment) == said


def test_a_moment_is_told_in_the_active_zone() -> None:
    moment = datetime.datetime(2026, 11, 24, 23, 30, tzinfo=datetime.UTC)
    assert ligne.clock(moment) == "00:30"
    assert ligne.day(moment) == "Tomorrow"
    with timezone.override("UTC"):
        assert ligne.clock(moment) == "23:30"
        assert ligne.day(moment) == "Today"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW, "Today"),
        (before(days=1), "Yesterday"),
        (before(days=5), "Thursday 19 November"),
        (before(days=400), "Monday 20 October 2025"),
        (datetime.date(2026, 11, 24), "Today"),
        (None, ""),
    ],
)
def test_a_day_is_named(moment: Any, said: str) -> None:
    assert ligne.day(moment) == said


def test_the_moment_a_message_leaves_is_said_within_a_sentence() -> None:
    assert ligne.moment(NOW + datetime.timedelta(hours=1)) == "today at 15:32"
    assert ligne.moment(NOW + datetime.timedelta(days=1)) == "tomorrow at 14:32"
    assert ligne.moment(NOW + datetime.timedelta(days=2)) == "Thursday 26 November at 14:32"


def test_french_days_and_months() -> None:
    with translation.override("fr"):
        assert ligne.day(before(days=5)) == "Jeudi 19 novembre"
        assert ligne.exact(NOW) == "Mardi 24 novembre 2026, 14:32:00"
        assert (ligne.ago(before(days=1)), ligne.ago(before(days=12))) == ("lun.", "12 nov.")
        assert ligne.waited(before(seconds=20)) == "un instant"


def test_a_moment_within_a_french_sentence() -> None:
    first = datetime.datetime(2026, 12, 1, 9, 0, tzinfo=PARIS)
    with translation.override("fr"):
        assert ligne.moment(first).replace(ligne.NBSP, " ") == "mardi 1er décembre à 9 h 00"
        assert ligne.moment(NOW).replace(ligne.NBSP, " ") == "aujourd'hui à 14 h 32"
        assert ligne.full_date(first) == "1er décembre 2026"
        assert ligne.full_date(before(days=3)) == "21 novembre 2026"
    assert ligne.full_date(first) == "1 December 2026"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (22, "22 s"),
        (60, "1 min"),
        (252, "4 min 12 s"),
        (3600, "1 h"),
        (3900, "1 h 05 min"),
        (None, ""),
    ],
)
def test_a_length_of_time(seconds: float | None, said: str) -> None:
    assert ligne.duration(seconds).replace(ligne.NBSP, " ") == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Malik Oumar", "MO"),
        ("Jean-Pierre de La Tour", "JT"),
        ("Émilie", "ÉM"),
        ("ines@brehat.example", "IN"),
        ("06 39 98 42 17", ""),
        (None, ""),
    ],
)
def test_a_person_is_two_letters(name: str | None, letters: str) -> None:
    assert ligne.initials(name) == letters


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://www.example.com/devis/?id=4#top", "example.com/devis"),
        ("example.com", "example.com"),
        ("https://someone:secret@example.com/", "example.com"),
        ("https://example.com/" + "a" * 80, "example.com/" + "a" * 47 + "…"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_link_is_said_as_people_say_it(url: str | None, said: str) -> None:
    assert ligne.link_host(url) == said


def test_the_text_of_a_message_is_escaped_and_its_addresses_lead_somewhere() -> None:
    html = ligne.linked("<b>Voir</b> (https://example.com/a?x=1&y=2).\nMerci")
    assert html == (
        '&lt;b&gt;Voir&lt;/b&gt; (<a href="https://example.com/a?x=1&amp;y=2" target="_blank" '
        'rel="nofollow noopener noreferrer">example.com/a?x=1&amp;y=2</a>).<br>Merci'
    )


def test_no_other_scheme_becomes_a_link() -> None:
    assert "<a " not in ligne.linked("javascript:alert(1) data:text/html,x www.example.com")


def test_an_icon_is_decoration_unless_it_means_something() -> None:
    assert 'aria-hidden="true"' in ligne.icon("phone")
    assert 'aria-label="They &quot;wrote&quot;"' in ligne.icon("phone", "i14", 'They "wrote"')


@pytest.mark.parametrize("name", ["no-such-icon", "../../../etc/passwd"])
def test_an_unknown_icon_says_how_to_add_it(name: str) -> None:
    with pytest.raises(LookupError, match="vendor.mjs"):
        ligne.icon(name)


def test_a_time_carries_its_exact_moment() -> None:
    html = ligne.when(before(minutes=2), "ago")
    assert 'datetime="2026-11-24T14:30:00+01:00"' in html
    assert 'title="Tuesday 24 November 2026, 14:30:00"' in html
    assert html.endswith('data-relative="ago">2 min</time>')
    assert ligne.when(None) == ""


class TownForm(forms.Form):
    town = forms.CharField(help_text="As in the address.")
    kind = forms.ChoiceField(choices=[("a", "A")], required=False)
    sure = forms.BooleanField(required=False)


def test_a_control_points_at_its_hint_and_its_error() -> None:
    form = TownForm({"town": ""})
    html = ligne.control(form["town"], "input-lg")
    assert 'class="input input-lg"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_town_hint id_town_error"' in html
    assert 'class="select"' in ligne.control(form["kind"])
    assert 'class="checkbox"' in ligne.control(form["sure"])


def test_the_page_shown_is_marked_in_the_navigation() -> None:
    template = Template("{% current '/contacts/' %}")
    factory = RequestFactory()
    assert template.render(Context({"request": factory.get("/contacts/4/")})) == 'aria-current="page"'
    assert template.render(Context({"request": factory.get("/inbox/")})) == ""
