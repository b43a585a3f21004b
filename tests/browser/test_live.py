"""A thread that is looked at again and again misses no change, also one that comes while it looks."""

from playwright.sync_api import Page, Route, expect

from sms.models import Message
from tests.browser.conftest import Product
from tests.browser.test_story import NUMBER, rep, row_of  # noqa: F401 - a fixture
from tests.processes import wait_until

CHANGED = "document.body.dispatchEvent(new CustomEvent('ligne:changed'))"


def test_a_change_during_a_refetch_is_fetched_too(rep: Page, product: Product) -> None:  # noqa: F811
    product.sandbox.person("text", NUMBER, "demo", text="Bonjour")
    row_of(rep).click()
    # The changes of this test are told by hand, one at a time.
    rep.route("**/events/", lambda route: route.abort())
    rep.reload()
    thread = rep.get_by_role("log")
    expect(thread.get_by_text("Bonjour")).to_be_visible()
    late: list[Route] = []
    rep.route("**/inbox/*/events/*", lambda route: late.append(route) if not late else route.continue_())

    rep.evaluate(CHANGED)
    while not late:
        rep.wait_for_timeout(20)
    stale = late[0].fetch()
    product.sandbox.person("text", NUMBER, "demo", text="Encore une question")
    wait_until(lambda: Message.objects.filter(text="Encore une question").exists())
    rep.evaluate(CHANGED)
    late[0].fulfill(response=stale)

    expect(thread.get_by_text("Encore une question")).to_be_visible()
