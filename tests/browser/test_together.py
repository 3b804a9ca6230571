"""A coordinator, a colleague whom she invites, and an organizer, each in a browser of their own."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_journey import letters_to, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def desks(browser: Browser) -> Iterator[Callable[[], Page]]:
    """A page of somebody new at each call: nobody shares cookies."""
    made: list[BrowserContext] = []

    def desk() -> Page:
        made.append(browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}))
        made[-1].set_default_timeout(60_000)  # ms, as tests/browser/conftest.py
        return made[-1].new_page()

    yield desk
    for each in made:
        each.close()


def link(text: str, product, kind: str) -> str:
    return re.search(rf"{product.address}/{kind}/[\w-]+", text)[0]


def test_coordinator_invited_colleague_and_organizer_together(product, desks):
    ana, colleague, organizer = desks(), desks(), desks()
    slug, company = product.upcoming["slug"], "Tidal Together"
    staff = f"{product.address}/organizer/trips/{slug}/registrations"

    # The coordinator applies for one delegate, without an account.
    ana.goto(product.upcoming["register"])
    ana.fill("[name=organization_name]", company)
    ana.select_option("[name=country]", "US")
    ana.fill("[name=coordinator_name]", "Ana Coordinator")
    ana.fill("[name=coordinator_email]", "ana@tidal.example.com")
    ana.fill("[name=delegates-0-given_name]", "Zoé")
    ana.fill("[name=delegates-0-family_name]", "Núñez")
    ana.fill("[name=delegates-0-email]", "zoe@tidal.example.com")
    answer_what_is_asked(ana)
    ana.check("[name=authority]")
    ana.get_by_role("button", name="Send the registration").click()
    ana.wait_for_url("**/r/*")
    home = ana.url

    # She invites a colleague by the address alone, who fills in their own data.
    ana.get_by_role("link", name="Invite a colleague by mail").click()
    ana.fill("[name=email]", "lin@tidal.example.com")
    ana.locator("main form button.button").last.click()
    expect(ana.locator("main")).to_contain_text("lin@tidal.example.com")
    expect(ana.locator("main")).to_contain_text("has not filled in yet")
    sign_in(organizer, product)
    (letter,) = letters_to(organizer, product, "lin@tidal.example.com", 1)
    colleague.goto(f"{link(letter, product, 'd')}/data")
    expect(colleague.locator("h1")).to_have_text("Please fill in your data")
    colleague.fill("[name=given_name]", "Lin")
    colleague.fill("[name=family_name]", "Wei")
    colleague.get_by_role("button", name="Save my data").click()
    expect(colleague.locator("main")).to_contain_text("Lin Wei")
    ana.goto(home)
    expect(ana.locator("main")).to_contain_text("Lin Wei")
    expect(ana.locator("main")).not_to_contain_text("has not filled in yet")

    # The organizer accepts, and freezes the tour.
    organizer.goto(staff)
    organizer.get_by_role("link", name=company).first.click()
    case = organizer.url
    organizer.click("button[name=decision][value=accepted]")
    expect(organizer.locator("main")).to_contain_text("Accepted")
    organizer.goto(f"{staff}/rules")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    organizer.fill("[name=freezes_local]", yesterday.strftime("%Y-%m-%dT%H:%M"))
    organizer.get_by_role("button", name="Save").last.click()
    expect(organizer.locator("main")).not_to_contain_text("Error")

    # What the coordinator changes now is a request: the colleague is to be replaced.
    ana.goto(home)
    expect(ana.locator("main")).to_contain_text("The tour is frozen")
    ana.get_by_role("link", name="Replace: Lin Wei").click()
    ana.fill("[name=given_name]", "Noor")
    ana.fill("[name=family_name]", "Haddad")
    ana.fill("[name=email]", "noor@tidal.example.com")
    ana.get_by_role("button", name="Ask the organizers").first.click()
    expect(ana.locator("main")).to_contain_text("Noor Haddad")
    colleague.reload()
    expect(colleague.locator("main")).to_contain_text("Lin Wei")  # nothing has happened yet

    # The organizer reads the difference and agrees: one link ends, another begins.
    organizer.goto(f"{staff}/requests")
    organizer.get_by_role("link", name=re.compile("^Open")).first.click()
    expect(organizer.locator("main")).to_contain_text("Noor Haddad")
    organizer.get_by_role("button", name=re.compile("Agree")).first.click()
    organizer.goto(case)
    expect(organizer.locator("main")).to_contain_text("Noor Haddad")
    assert colleague.goto(colleague.url).status == 410
    (letter,) = letters_to(organizer, product, "noor@tidal.example.com", 1)
    colleague.goto(link(letter, product, "d"))
    expect(colleague.locator("main")).to_contain_text("Noor Haddad")
    (told,) = letters_to(organizer, product, "lin@tidal.example.com", 1)
    assert "Noor Haddad" in told
    ana.goto(home)
    expect(ana.locator("main")).to_contain_text("Noor Haddad")


def answer_what_is_asked(page: Page) -> None:
    """Whatever the tour's own form needs besides."""
    for field in page.locator("main form select[required], main form [aria-required=true]").all():
        if field.evaluate("e => e.tagName") == "SELECT" and not field.input_value():
            field.select_option(index=1)
        elif field.evaluate("e => e.tagName") == "TEXTAREA" and not field.input_value():
            field.fill("As asked.")
