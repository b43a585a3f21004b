"""An import as somebody lives it: a messy file from a trade fair, through every step and back."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact, ContactList, CustomField, Import
from teams.access import Member
from tests.browser.conftest import Product, open_page, sign_in

DATA = Path(__file__).parents[1] / "data"
SALON = DATA / "import_salon_cp1252.csv"
NAMES = DATA / "import_names_utf8.csv"


@pytest.fixture
def page(browser: Browser, product: Product, manager: Member) -> Page:
    from django.contrib.auth.hashers import make_password

    from tests.conftest import PASSWORD

    manager.user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    manager.user.save()
    page = open_page(browser)
    sign_in(page, product.url, manager.user.email)
    return page


def column(page: Page, name: str) -> str:
    """The selector of the field that a column of the file becomes."""
    return f"#{page.get_by_label(name, exact=True).get_attribute('id')}"


def check(page: Page, product: Product, file: Path) -> None:
    """From the list of imports to the check, with the guessed columns."""
    page.goto(f"{product.url}/contacts/import/")
    page.get_by_role("link", name="Import contacts").first.click()
    page.get_by_label("Drop a file here").set_input_files(file)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What is in which column?")).to_be_visible()


def test_messy_file_from_upload_to_result_and_back(page: Page, product: Product) -> None:
    check(page, product, SALON)
    expect(page.get_by_text("Menuiserie Le Goff").first).to_be_visible()

    # Read as something else, the names are wrong at once; and right again.
    page.get_by_label("Characters").select_option("mac_roman")
    expect(page.get_by_text("PrÈnom")).to_be_visible()
    page.get_by_label("Characters").select_option("cp1252")
    expect(page.get_by_text("Prénom", exact=True)).to_be_visible()

    page.select_option(column(page, "Portable"), "")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("alert")).to_contain_text("Say which column holds the phone")
    page.select_option(column(page, "Portable"), "phone")
    page.select_option(column(page, "Code postal"), "new:text")
    page.get_by_label("or on a new list named").fill("Salon de Rennes")
    page.get_by_label("Give them tags").fill("salon")
    page.get_by_role("button", name="Check the rows").click()

    expect(page.get_by_role("heading", name=re.compile("people will be added or updated"))).to_be_visible()
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="Number damaged by a spreadsheet (3,36123E+10)")).to_contain_text("Left out")
    expect(rows.filter(has_text="Delmarre")).to_contain_text("Same number as line 2")
    expect(rows.filter(has_text="Yuna Le Goascoz")).to_contain_text("E-mail left out")
    assert not Contact.objects.exists()

    people = int(
        re.findall(r"\d+", page.get_by_role("button", name=re.compile("Import .* people")).inner_text())[0]
    )
    rows.filter(has_text="Katell").get_by_role("button", name="Use 06 39 98 02 14").click()
    expect(rows.filter(has_text="Katell")).to_contain_text("Added")
    expect(page.get_by_role("button", name=f"Import {people + 1} people")).to_be_visible()
    expect(page.get_by_role("heading", name=f"{people + 1} people will be")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Bad rows as CSV").click()
    bad = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in bad[1:]] == sorted((row[0] for row in bad[1:]), key=int)
    assert bad[0][2:4] == ["Prénom", "Nom"]

    page.get_by_role("link", name="All 20").click()
    expect(rows).to_have_count(21)
    page.get_by_role("button", name=f"Import {people + 1} people").dblclick()
    expect(page.get_by_role("heading", name=f"{people + 1} people were imported")).to_be_visible()
    assert Contact.objects.count() == people + 1
    assert ContactList.objects.get().members.count() == people + 1
    assert CustomField.objects.get().label == "Code postal"
    formula = Contact.objects.get(last_name="Formule")
    assert (formula.first_name, formula.company) == ('=HYPERLINK("x")', "=1+1")

    page.get_by_role("link", name=re.compile("Show the .* new people")).click()
    expect(page.get_by_role("link", name="Hélène Le Goff")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Revert the import").click()
    expect(page.get_by_role("heading", name="The import was taken back")).to_be_visible()
    assert not Contact.objects.exists()
    # A 422 is said in the console as well.
    assert [said for said in page.complaints if "422" not in said] == []  # type: ignore[attr-defined]


def test_names_of_every_script_and_a_second_time(page: Page, product: Product) -> None:
    for created in (True, False):
        check(page, product, NAMES)
        page.get_by_role("button", name="Check the rows").click()
        heading = "5 people will be added or updated" if created else "Nothing would change"
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.get_by_role("button", name="Import 5 people" if created else "Finish").click()
        expect(
            page.get_by_role("heading", name="imported" if created else "Nothing had to change")
        ).to_be_visible()
    assert Contact.objects.get(phones__number="+33639985101").last_name == "الزهراء"
    assert Contact.objects.get(phones__number="+33639985102").last_name == "بن علي"
    assert Contact.objects.count() == 5
    assert page.complaints == []  # type: ignore[attr-defined]


def test_file_dropped_on_the_zone_is_taken(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/contacts/import/new/")
    data = page.evaluate_handle(
        """text => { const data = new DataTransfer();
            data.items.add(new File([text], "lâchés.csv", { type: "text/csv" })); return data; }""",
        "Nom;Tel\nAubertin;06 39 98 42 17\n",
    )
    page.dispatch_event(".drop", "dragover", {"dataTransfer": data})
    assert page.locator(".drop").get_attribute("data-over") == ""
    page.dispatch_event(".drop input", "drop", {"dataTransfer": data})
    # A dispatched drop is not a person's: the browser fills the field only for real ones.
    page.evaluate("data => { document.querySelector('.drop input').files = data.files }", data)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("lâchés.csv")).to_be_visible()


def test_two_tabs_and_the_way_back(page: Page, product: Product) -> None:
    check(page, product, NAMES)
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("button", name="Import 5 people")).to_be_visible()
    page.get_by_role("button", name="Import 5 people").click()
    expect(page.get_by_role("heading", name="5 people were imported")).to_be_visible()
    # The other tab still shows the columns: it is led to where the import is.
    other.get_by_role("button", name="Check the rows").click()
    expect(other.get_by_role("heading", name="5 people were imported")).to_be_visible()
    page.goto(address)
    expect(page).to_have_url(re.compile("/result/$"))
    assert Contact.objects.count() == 5
    assert Import.objects.get().state == "finished"


def test_without_javascript(browser: Browser, product: Product, admin: Member) -> None:
    page = browser.new_context(java_script_enabled=False, locale="en-GB").new_page()
    page.set_default_timeout(60_000)
    sign_in(page, product.url, admin.user.email)
    check(page, product, SALON)
    page.get_by_role("button", name="Read it again").click()
    page.get_by_role("button", name="Check the rows").click()
    # The page comes again by itself until the file is read.
    button = page.get_by_role("button", name="Use 06 39 98 02 14")
    expect(button).to_be_visible()
    button.click()
    expect(button).to_have_count(0)
    page.get_by_label("Overwrite values").check()
    page.get_by_role("button", name=re.compile("Import .* people")).click()
    expect(page.get_by_role("heading", name=re.compile("were imported"))).to_be_visible()
    import_ = Import.objects.get()
    assert (import_.overwrite, import_.created) == (True, Contact.objects.count())


def test_export_of_everybody_is_made_and_downloaded(page: Page, product: Product) -> None:
    check(page, product, NAMES)
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_role("button", name="Import 5 people").click()
    expect(page.get_by_role("heading", name="5 people were imported")).to_be_visible()
    page.goto(f"{product.url}/contacts/exports/")
    page.get_by_role("link", name="Export everybody").first.click()
    page.get_by_label("CSV (.csv)").check()
    page.get_by_role("button", name="Export 5 people").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"), newline="")))
    assert {row["Phone"] for row in rows} == {f"+3363998510{number}" for number in range(1, 6)}
    assert page.complaints == []  # type: ignore[attr-defined]
