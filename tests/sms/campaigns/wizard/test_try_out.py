"""One real text to oneself: what was typed is saved, and leaves once as the person of the preview gets it."""

import pytest

from contacts.models import Contact
from sms.models import Campaign, Line, Message

from .browser import Browser, Read
from .conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(browser: Browser, draft: Campaign) -> Browser:
    Line.objects.update(number="+33639980001")
    return browser.open(at(draft, "message"))


def test_the_text_of_the_previewed_person_leaves_through_the_line(
    page: Browser, draft: Campaign, people: list[int]
) -> None:
    Contact.objects.filter(pk=people[1]).update(first_name="Zoé")
    page.follow("Next recipient").press(
        "Send a test", text="Salut {{ contact.first_name }} {link}", url="https://ardary.example/d"
    )
    [sent] = Message.objects.filter(number="+33639980001")
    assert sent.text.startswith("Salut Zoé {link}")
    assert (sent.url, sent.lane, sent.campaign, sent.state) == (
        "https://ardary.example/d", Message.Lane.CONVERSATION, None, "queued",
    )  # fmt: skip
    assert sent.line == draft.lines.get()
    assert "On its way to" in page.words
    assert "Salut Zoé" in page.words, "the preview stays with its person"
    draft.refresh_from_db()
    assert draft.text.startswith("Salut {{ contact.first_name }}"), "what was typed is saved"


def test_a_double_click_is_one_text(page: Browser) -> None:
    first = page.page
    page.press("Send a test")
    assert Message.objects.filter(number="+33639980001").count() == 1
    page.client.post(*_again(first))
    assert Message.objects.filter(number="+33639980001").count() == 1


def _again(page: str) -> tuple[str, dict[str, object]]:
    read = Read(page)
    button = next(each for each in read.buttons if "Send a test" in each.words)
    assert button.form
    return button.action, dict(button.form.given)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "12"}, "is no phone number we know"),
        ({"number": ""}, "This field is required"),
        ({"text": "Salut {{ contact.nobody }}"}, "There is no field"),
    ],
)
def test_what_keeps_it_back_is_said_and_nothing_is_lost(
    page: Browser, typed: dict[str, str], said: str
) -> None:
    page.press("Send a test", **{"text": "Salut vous", **typed})
    assert page.status == 422
    assert said in page.words
    assert typed.get("text", "Salut vous") in page.page
    assert not Message.objects.filter(number="+33639980001").exists()


def test_whoever_opted_out_is_sent_no_test(page: Browser, people: list[int]) -> None:
    out = Contact.objects.get(pk=people[4]).phones.get().number
    page.press("Send a test", number=out)
    assert page.status == 422
    assert "Nothing was sent to" in page.words
    assert "They opted out." in page.words
    # Another number: the same form sends.
    page.press("Send a test", number="06 39 98 00 99")
    assert Message.objects.get(number="+33639980099").state == "queued"


def test_without_anybody_the_fields_hold_examples(page: Browser) -> None:
    Campaign.objects.update(audience={})
    page.open(page.address).press("Send a test", text="Salut {{ contact.first_name }}")
    assert Message.objects.get(number="+33639980001").text.startswith("Salut Camille")


def test_without_a_line_nothing_can_be_sent(page: Browser) -> None:
    Line.objects.all().delete()
    page.open(page.address).press("Send a test", number="06 39 98 00 99")
    assert page.status == 422
    assert "No line is connected yet" in page.words
