"""The main job, as people do it: a company registers, a worker mails, a calendar fills."""

import re

import icalendar
import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PEOPLE = [("Zoé", "Núñez"), ("Ben", "O'Hara"), ("Lin", "Wei")]


def fill_in(page: Page, company: str, *, wrong_mail: bool = False) -> None:
    page.fill("[name=organization_name]", company)
    page.select_option("[name=country]", "US")
    page.fill("[name=coordinator_name]", "Ana Coordinator")
    page.fill("[name=coordinator_email]", "ana@blue-wave.example.com")
    for number, (given, family) in enumerate(PEOPLE):
        if number:
            page.click("[name=add_delegate]")
        page.fill(f"[name=delegates-{number}-given_name]", given)
        page.fill(f"[name=delegates-{number}-family_name]", family)
        mail = f"{given.lower()}@blue-wave.example.com".replace("é", "e")
        page.fill(f"[name=delegates-{number}-email]", "nonsense" if wrong_mail else mail)
    page.check("[name=authority]")


def sign_in(page: Page, product) -> None:
    who = product.links["organizer"]
    page.goto(who["url"])
    page.fill("[name=email]", who["email"])
    page.fill("[name=password]", who["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(who["url"])


def titles(product, address: str) -> list[str]:
    calendar = icalendar.Calendar.from_ical(product.get(address))
    return sorted(str(event["SUMMARY"]) for event in calendar.walk("VEVENT"))


def test_a_newcomer_reads_the_tours_the_partnership_and_an_agenda(product, page):
    page.goto(product.address)
    text = page.inner_text("main")
    for tour in ("Oceanology International", "Invest in Provence", "South of France & San Diego"):
        assert tour in text
    assert "Illustrative sample" in text

    page.goto(f"{product.address}/partnership")
    text = page.inner_text("main")
    for fact in (
        "Memorandum of Agreement",
        "memorandum of understanding",
        "February 15, 2017",
        "Kevin Faulconer",
        "Bernard Deflesselles",
        "Matthieu Clouvel",
        "Jean Rosenbaum",
        "San Diego French American Chamber of Commerce",
        "26,000",
        "2016",
    ):
        assert fact in text, fact

    page.goto(f"{product.address}/trips/invest-in-provence-2017/agenda")
    items = page.locator("[id^=item-]")
    assert items.count() > 10
    for item in items.all():
        assert re.search(r"UTC[+−]\d", item.inner_text()), item.inner_text()


def test_a_company_registers_its_delegates_are_written_to_and_calendars_follow(product, context):
    page, company = context.new_page(), "Blue Wave Sensors"

    # A wrong address: said next to the field, and what was typed is kept.
    page.goto(product.upcoming["register"])
    fill_in(page, company, wrong_mail=True)
    page.get_by_role("button", name="Send the registration").click()
    wrong = page.locator("[name=delegates-0-email]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    told = page.locator(f"#{wrong.get_attribute('aria-describedby').split()[-1]}")
    expect(told).to_contain_text("This is not a mail address")
    expect(page.locator("[name=organization_name]")).to_have_value(company)
    expect(page.locator("[name=delegates-2-given_name]")).to_have_value("Lin")

    # Mended, and sent with a double click.
    for number, mail in enumerate(("zoe", "ben", "lin")):
        page.fill(f"[name=delegates-{number}-email]", f"{mail}@blue-wave.example.com")
    page.get_by_role("button", name="Send the registration").dblclick()
    page.wait_for_url("**/r/*")
    company_page = page.url
    expect(page.locator("main")).to_contain_text("Ben O'Hara")

    # The organizer sees one registration, and the letters in the built-in inbox.
    desk = context.new_page()
    sign_in(desk, product)
    slug = product.upcoming["slug"]
    listing = f"{product.address}/organizer/trips/{slug}/registrations"
    desk.goto(listing)
    rows = desk.locator("main").get_by_role("link", name=company)
    expect(rows).to_have_count(1)
    letters = letters_to(desk, product, "@blue-wave.example.com", 4)
    coordinator = next(text for text in letters if "ana@blue-wave.example.com" in text)
    assert company_page in coordinator
    delegate_letter = next(text for text in letters if "zoe@blue-wave.example.com" in text)
    delegate_link = re.search(rf"{product.address}/d/[\w-]+", delegate_letter)[0]
    feed = re.search(rf"{product.address}/calendars/[\w-]+\.ics", delegate_letter)[0]
    assert "sessions.ics" in delegate_letter

    # The delegate opens their own page and subscribes.
    page.goto(delegate_link)
    expect(page.locator(f"input[value='{feed}']")).to_be_visible()
    before = titles(product, feed)
    public = titles(product, product.upcoming["feed"])
    assert set(before) <= set(public)
    assert len(before) > 5

    # Accepted: the company is told, and the calendar holds what is for delegates.
    desk.goto(listing)
    desk.get_by_role("link", name=company).first.click()
    desk.click("button[name=decision][value=accepted]")
    expect(desk.locator("main")).to_contain_text("Accepted")
    letters_to(desk, product, "ana@blue-wave", 1, about=f"Accepted: {company}")
    accepted = titles(product, feed)
    assert set(accepted) > set(before)

    # A new session: nobody sees the draft, everybody the release.
    desk.goto(f"{product.address}/organizer/trips/{slug}/agenda/new")
    day = re.search(r"DTSTART;VALUE=DATE:(\d{4})(\d\d)(\d\d)", product.get(feed).decode())
    date = "-".join(day.groups())
    desk.fill("[name=title_en]", "Pastis at the Vieux-Port")
    desk.fill("[name=starts_local]", f"{date}T21:00")
    desk.fill("[name=ends_local]", f"{date}T22:30")
    desk.get_by_role("button", name="Save in the draft").click()
    expect(desk.locator("main")).to_contain_text("Pastis at the Vieux-Port")
    assert titles(product, feed) == accepted
    desk.goto(f"{product.address}/organizer/trips/{slug}/publish")
    expect(desk.locator("main")).to_contain_text("Pastis at the Vieux-Port")
    desk.get_by_role("button", name="Publish these changes").click()
    expect(desk.locator("main")).to_contain_text("There is nothing to publish")
    assert titles(product, feed) == sorted([*accepted, "Pastis at the Vieux-Port"])
    assert "Pastis" in product.get(f"{product.address}/trips/{slug}/agenda").decode()


def letters_to(desk: Page, product, address: str, count: int, about: str = "") -> list[str]:
    """The newest `count` letters to an address, from the Mailbox page, once a worker sent them;
    with `about` in their subject. What is sent at the same moment may arrive in any order."""
    for _attempt in range(60):
        desk.goto(f"{product.address}/organizer/mailbox")
        rows = desk.locator("main a[href*='/organizer/mailbox/']").all()
        shown = [
            row.locator("xpath=ancestor-or-self::*[self::li or self::tr][1]").inner_text()
            for row in rows
        ]
        found = [
            row for row, text in zip(rows, shown, strict=True) if address in text and about in text
        ]
        if len(found) >= count:
            links = [row.get_attribute("href") for row in found[:count]]
            texts = []
            for link in links:
                desk.goto(f"{product.address}{link}")
                texts.append(desk.inner_text("main"))
            return texts
        desk.wait_for_timeout(500)
    raise AssertionError(f"no {count} letters to {address} {about} arrived")


def test_a_french_reader_reads_french(product, browser):
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.goto(product.upcoming["register"])
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        page.locator("main form button.button--large").click()
        expect(page.locator("[name=organization_name]")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("main")).not_to_contain_text("Please")


def test_the_form_works_without_a_script(product, browser):
    with browser.new_context(java_script_enabled=False, locale="en-US") as context:
        page = context.new_page()
        page.goto(product.upcoming["register"])
        fill_in(page, "No Script Ltd")
        page.click("[name=remove_delegate][value='1']")
        expect(page.locator("[name=delegates-1-given_name]")).to_have_value("Lin")
        page.fill("[name=coordinator_email]", "ana@no-script.example.com")
        for number in range(2):
            page.fill(f"[name=delegates-{number}-email]", f"d{number}@no-script.example.com")
        page.get_by_role("button", name="Send the registration").click()
        page.wait_for_url("**/r/*")
        expect(page.locator("main")).to_contain_text("Lin Wei")
