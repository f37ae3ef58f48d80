"""The pages in a real browser: what is seen there, and what its policy says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, sync_playwright
from scripts.screenshots import ORIGIN, SWITCHES, pages

pytestmark = pytest.mark.needs_chromium

RESPONSES = pages()
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
every_page = pytest.mark.parametrize("name", RESPONSES)

# What the focused element is called; initials beside the words are a drawing (aria-hidden).
WORDS_IN_FOCUS = """() => {
  const element = document.activeElement;
  return (element.querySelector("span") ?? element).innerText.trim();
}"""
# Text with less contrast to what is painted behind it than WCAG's AA asks for (4.5 to 1).
PALE_TEXT = """() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const color = parts(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const pale = [];
  const check = (element, color, text) => {
    const [high, low] = [luminance(parts(color)), luminance(ground(element))]
      .sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) pale.push(`${text}: ${ratio.toFixed(2)}`);
  };
  let seen = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3);
    const text = own.map((node) => node.data).join("").trim();
    if (text) { seen++; check(element, getComputedStyle(element).color, text); }
    if (element.placeholder) {
      check(element, getComputedStyle(element, "::placeholder").color, element.placeholder);
    }
  }
  return {seen, pale};
}"""


@pytest.fixture(scope="module")
def console() -> list[str]:
    """What the browser wrote to its console."""
    return []


@pytest.fixture(scope="module")
def tab(chromium: str, console: list[str]) -> Iterator[Page]:
    def answer(route: Route) -> None:
        response = RESPONSES.get(route.request.url.removeprefix(f"{ORIGIN}/"))
        if response is None:
            route.fulfill(status=404)
        else:
            headers = dict(response.headers)
            route.fulfill(status=response.status, headers=headers, body=response.body)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.route("**/*", answer)
        # The status of an error page is reported too, and so is the favicon that is not there.
        page.on(
            "console",
            lambda message: None if "status of" in message.text else console.append(message.text),
        )
        yield page
        browser.close()


@pytest.fixture
def page(tab: Page, console: list[str]) -> Page:
    """An empty tab as narrow as the narrowest phone."""
    tab.goto("about:blank")
    tab.emulate_media(color_scheme="light", reduced_motion="no-preference")
    console.clear()
    return tab


@schemes
@every_page
def test_all_text_can_be_read(page: Page, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{ORIGIN}/{name}")
    found = page.evaluate(PALE_TEXT)
    assert found["seen"] >= 2
    assert found["pale"] == []


@every_page
def test_a_narrow_phone_needs_no_sideways_scrolling(page: Page, name: str) -> None:
    page.goto(f"{ORIGIN}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@every_page
def test_the_policy_blocks_nothing_of_the_page(page: Page, console: list[str], name: str) -> None:
    page.goto(f"{ORIGIN}/{name}")
    assert console == []


@every_page
def test_what_can_be_pressed_is_large_enough(page: Page, name: str) -> None:
    page.goto(f"{ORIGIN}/{name}")
    for button in page.locator(".button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44


def test_the_policy_stops_a_script_that_got_in(page: Page, console: list[str]) -> None:
    page.goto(f"{ORIGIN}/signin")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.broken = true";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("window.broken") is None
    assert len(console) == 1


def test_focus_can_be_seen_and_follows_the_page(page: Page) -> None:
    page.goto(f"{ORIGIN}/signin")
    names = []
    for _ in range(4):
        page.keyboard.press("Tab")
        names.append(page.evaluate(WORDS_IN_FOCUS))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px"
    assert names == ["Sign in with Google", "Sign in with GitHub", "Sign in with Acme", ""]


def test_nothing_moves_for_those_who_want_it_so(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{ORIGIN}/signin")
    button = page.get_by_role("button", name="Sign in with Google")
    button.hover()
    assert button.evaluate("element => getComputedStyle(element).transform") == "none"
    assert button.evaluate("element => getComputedStyle(element).transitionDuration") == "0s"


def test_right_to_left_mirrors_the_buttons(page: Page) -> None:
    def mark_is_left(name: str) -> bool:
        page.goto(f"{ORIGIN}/{name}")
        mark = page.locator("button svg").first.bounding_box()
        assert mark is not None
        return mark["x"] < 160

    assert mark_is_left("signin")
    assert not mark_is_left("signin-arabic")


def test_controls_have_the_names_that_a_screen_reader_says(page: Page) -> None:
    page.goto(f"{ORIGIN}/signin-error")
    assert page.get_by_role("alert").inner_text().startswith("These details")
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("form", name="Credentials").count() == 1
    assert page.get_by_label("Password").get_attribute("autocomplete") == "current-password"
    assert page.get_by_role("textbox", name="Email").get_attribute("type") == "email"
