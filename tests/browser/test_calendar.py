"""A delegate's calendar on a phone: copied, renewed, stopped, opened again."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def status(address: str) -> int:
    """What a calendar program hears at an address."""
    try:
        return urllib.request.urlopen(address).status  # noqa: S310  # our own
    except urllib.error.HTTPError as error:
        return error.code


def address_of(page: Page) -> str:
    return page.locator("input[value*='/calendars/']").first.input_value()


def test_s3_h14_an_address_is_copied_renewed_stopped_and_opened_again(
    product: Product, context: BrowserContext, page: Page
):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.address)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(product.upcoming["delegate"])
    first = address_of(page)
    assert status(first) == 200

    page.locator("[data-copy]", has=page.locator(f"input[value='{first}']")).get_by_role(
        "button"
    ).click()
    expect(page.locator("[data-copy-told]").first).not_to_be_empty()
    assert page.evaluate("navigator.clipboard.readText()") == first

    page.get_by_text("New address, or stop this calendar").click()
    page.get_by_role("button", name="Make a new address").press("Enter")
    expect(page.get_by_text("Your calendar has a new address.")).to_be_visible()
    second = address_of(page)
    assert [status(first), status(second)] == [410, 200]

    page.get_by_text("New address, or stop this calendar").click()
    page.get_by_role("button", name="Stop this calendar").click()
    expect(page.get_by_text("This calendar is stopped")).to_be_visible()
    assert status(second) == 410

    page.get_by_role("button", name="Open it again").click()
    third = address_of(page)
    assert len({first, second, third}) == 3
    assert [status(first), status(second), status(third)] == [410, 410, 200]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360, "the page is wider than the phone"
