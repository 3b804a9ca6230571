"""The organizer's board: sessions moved with the mouse, and with the keyboard alone."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_journey import sign_in
from tests.faults.processes import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

AXE = (ROOT / "tests/vendor/axe-core/axe.min.js").read_text()
# A session of its own day, at a quarter of an hour, that is no journey: and not on the last day.
MOVABLE = ".board__column:has(+ .board__column) .block[data-move]:not(.block--leg)"


def open_board(page: Page, product, query: str = "") -> None:
    page.goto(f"{product.address}/organizer/trips/{product.upcoming['slug']}/agenda/board{query}")
    expect(page.locator("[data-board][data-ready]")).to_be_visible()


def first_movable(page: Page) -> Locator:
    blocks = page.locator(MOVABLE).all()
    found = next(b for b in blocks if int(b.get_attribute("data-top")) % 15 == 0)
    return page.locator(f"[data-uid='{found.get_attribute('data-uid')}'][data-version]")


def stored(page: Page, block: Locator) -> tuple[datetime, datetime]:
    """The wall times that the server has for a block, by a page that it makes anew."""
    page.reload()
    expect(page.locator("[data-board][data-ready]")).to_be_visible()
    return shown(block)


def shown(block: Locator) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(block.get_attribute("data-date"))
    start += timedelta(minutes=int(block.get_attribute("data-top")))
    return start, datetime.fromisoformat(block.get_attribute("data-ends"))


def told(page: Page, words: str) -> None:
    expect(page.locator("[data-said]")).to_contain_text(words)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 6, start[1] + 6)
    page.mouse.move(*end, steps=4)
    expect(page.locator(".ghost")).to_be_visible()
    page.mouse.up()


def next_day(page: Page, block: Locator) -> tuple[datetime, float, float]:
    """The day of the next column, the middle of that column, and an hour in pixels."""
    column = block.locator("xpath=ancestor::section/following-sibling::section[1]")
    lane = column.locator("[data-lane]").bounding_box()
    date = datetime.fromisoformat(column.get_attribute("data-date"))
    return date, lane["x"] + lane["width"] / 2, lane["height"] / 24


def test_a_session_is_dragged_to_another_day_stretched_and_put_back(product, page):
    sign_in(page, product)
    open_board(page, product)
    block = first_movable(page)
    block.scroll_into_view_if_needed()
    start, end = shown(block)
    day, middle, hour = next_day(page, block)
    box = block.bounding_box()

    grip = (box["x"] + 20, box["y"] + 8)
    drag(page, grip, (middle, grip[1] + hour))
    told(page, "is now")
    moved = datetime.combine(day, start.time()) + timedelta(hours=1)
    assert stored(page, block) == (moved, moved + (end - start))

    block.scroll_into_view_if_needed()
    box = block.bounding_box()
    edge = (box["x"] + 20, box["y"] + box["height"] - 3)
    drag(page, edge, (edge[0], edge[1] + hour / 2))
    told(page, "is now")
    assert stored(page, block) == (moved, moved + (end - start) + timedelta(minutes=30))

    # A drag that is given up changes nothing.
    block.scroll_into_view_if_needed()
    box = block.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 8 + hour, steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()
    told(page, "Left where it was")

    for _edit in range(2):
        page.get_by_role("button", name="Undo").click()
        told(page, "Undone")
        page.locator("[data-said]").evaluate("said => { said.textContent = '' }")
    assert stored(page, block) == (start, end)


def test_the_keyboard_alone_moves_a_session_to_another_day_and_back(product, page):
    sign_in(page, product)
    open_board(page, product)
    block = first_movable(page)
    start, end = shown(block)
    day, _middle, _hour = next_day(page, block)
    face = block.locator("[data-face]")
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("'face' in document.activeElement.dataset"):
            break
    walk_to(page, face)

    page.keyboard.press("Enter")
    told(page, "Picked up")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowUp", "Alt+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    told(page, "is now")
    expect(face).to_be_focused()
    moved = datetime.combine(day, start.time()) + timedelta(minutes=25)
    later = (moved, moved + (end - start) + timedelta(minutes=15))
    assert shown(block) == later

    page.keyboard.press("Control+z")
    told(page, "Undone")
    assert stored(page, block) == (start, end)
    page.keyboard.press("Control+Shift+Z")
    told(page, "Done again")
    assert stored(page, block) == later

    face.focus()
    page.keyboard.press("m")
    page.locator("dialog [name=start]").fill(start.strftime("%H:%M"))
    page.locator("dialog [name=date]").fill(start.date().isoformat())
    page.locator("dialog [name=end]").fill(end.strftime("%H:%M"))
    page.keyboard.press("Enter")
    told(page, "is now")
    expect(face).to_be_focused()
    assert stored(page, block) == (start, end)

    page.evaluate(AXE)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found = page.evaluate("axe.run().then(found => found.violations)")
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == [], theme


def walk_to(page: Page, face: Locator) -> None:
    """From the block that has the focus to another: across to its column, then down."""
    for key in ("ArrowRight", "Home", *["ArrowDown"] * 30):
        column = face.locator("xpath=ancestor::section")
        while key == "ArrowRight" and not column.evaluate(
            "c => c.contains(document.activeElement)"
        ):
            page.keyboard.press(key)
        if face.evaluate("face => face === document.activeElement"):
            return
        if key != "ArrowRight":
            page.keyboard.press(key)
    expect(face).to_be_focused()
