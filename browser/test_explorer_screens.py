"""The page on all screens: projected, on a phone, enlarged to 400 %, on paper."""

import re

import pytest
from playwright.sync_api import expect

from pebblegrad.autograd import graph

SIZES = [(1280, 800), (390, 844), (844, 390), (320, 256)]
# Points of each line that lie within a card, away from its edge.
BEHIND = """() => [...document.querySelectorAll(".branch")].flatMap(line => {
    const from = document.querySelector(".edges").getBoundingClientRect();
    const cards = [...document.querySelectorAll(".scalar .card, .scalar > .op")]
        .map(card => card.getBoundingClientRect());
    const length = line.getTotalLength();
    return Array.from({length: 400}, (_, i) => line.getPointAtLength(length * i / 399))
        .map(({x, y}) => [x + from.left, y + from.top])
        .filter(([x, y]) => cards.some(({left, right, top, bottom}) =>
            x > left + 3 && x < right - 3 && y > top + 3 && y < bottom - 3));
})"""


WINDOWS = [(736, 672), (1280, 800), (390, 844), (1920, 1080)]


def first_box(tab):
    """Return where the first box is, and the area for the graph."""
    order = tab.evaluate(
        "JSON.parse(document.getElementById('data').textContent).drawing.order"
    )
    box = tab.locator(f'.box[data-node="{order[0]}"] rect').bounding_box()
    return box, tab.locator("#graph").bounding_box()


@pytest.mark.parametrize("size", WINDOWS)
def test_a_page_opens_at_the_top_of_its_graph_in_text_that_can_be_read(
    tab, net_page, size
):
    tab.emulate_media(reduced_motion="reduce")
    # As in a page of the guide: a frame that gets its size after the page is there.
    tab.set_viewport_size({"width": 300, "height": 150})
    tab.goto(net_page.as_uri())
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.wait_for_timeout(100)

    box, area = first_box(tab)
    sizes = tab.locator(".box text").evaluate_all(
        """all => all.filter(text => text.textContent).map(
            text => Number(text.getAttribute("font-size")) * text.getScreenCTM().a)"""
    )
    whole = tab.locator("#world").bounding_box()

    assert min(sizes) >= 13
    assert area["y"] <= box["y"] <= area["y"] + 40 or whole["height"] < area["height"]
    assert area["x"] <= box["x"]
    assert box["x"] + box["width"] <= area["x"] + area["width"]


def test_another_size_of_the_window_leaves_the_step_in_sight(tab, net):
    tab.emulate_media(reduced_motion="reduce")
    for width, height in [(736, 672), (390, 844), (1280, 800)]:
        tab.set_viewport_size({"width": width, "height": height})
        tab.wait_for_timeout(100)
        box, area = first_box(tab)

        assert area["y"] <= box["y"]
        assert box["y"] + box["height"] <= area["y"] + area["height"]
    tab.keyboard.press("+")  # now the reader has chosen
    chosen = tab.locator("#world").evaluate("world => world.getScreenCTM().a")
    tab.set_viewport_size({"width": 736, "height": 672})
    tab.wait_for_timeout(100)

    again = tab.locator("#world").evaluate("world => world.getScreenCTM().a")
    assert again == pytest.approx(chosen)


@pytest.mark.parametrize("size", SIZES)
def test_fit_shows_the_whole_graph_and_nothing_under_the_buttons(tab, net, size):
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.emulate_media(reduced_motion="reduce")

    tab.click("#zoom-fit")
    area, buttons = (tab.locator(i).bounding_box() for i in ("#graph", "#zoom"))

    for box in tab.locator(".box rect").all():
        place = box.bounding_box()
        assert place["x"] >= area["x"]
        assert place["y"] >= area["y"]
        assert place["y"] + place["height"] <= area["y"] + area["height"] + 1
        assert place["x"] + place["width"] <= buttons["x"] + 1


@pytest.mark.parametrize("size", SIZES)
def test_every_control_can_be_reached_and_is_not_covered(tab, net, size):
    tab.set_viewport_size({"width": size[0], "height": size[1]})

    tab.click("#next")  # so that there is a step back
    for name in ("search", "theme", "zoom-fit", "first", "play", "last", "jump"):
        control = tab.locator(f"#{name}")
        control.click(trial=True)
    expect(tab.locator("#speed")).to_be_visible()
    tab.select_option("#speed", "fast")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    for control in tab.locator("footer button, footer select").all():
        place = control.bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= size[0]
        assert place["height"] >= 24


def test_at_400_percent_everything_scrolls_and_the_buttons_stay(tab, net):
    tab.set_viewport_size({"width": 320, "height": 256})
    tab.keyboard.press("End")

    assert tab.locator("#graph").bounding_box()["height"] > 150
    assert tab.evaluate("document.documentElement.scrollHeight") > 600
    for text in (tab.locator("#sentence"), tab.locator("#step .part h3").last):
        text.evaluate("text => text.scrollIntoView({block: 'center'})")
        assert text.evaluate(
            """text => { const {left, top, bottom} = text.getBoundingClientRect();
                const shown = document.elementFromPoint(left + 3, (top + bottom) / 2);
                return text === shown || text.contains(shown); }"""
        )
        place = tab.locator("#next").bounding_box()
        assert 128 < place["y"] < 256 - place["height"]
    tab.click("#back")
    tab.evaluate("scrollTo(0, 0)")
    tab.mouse.move(100, 150)
    tab.mouse.wheel(0, 120)
    tab.wait_for_timeout(300)
    assert tab.evaluate("scrollY") > 50  # over the graph too


def test_a_dialog_at_400_percent_keeps_its_title_and_can_be_closed(tab, net):
    tab.set_viewport_size({"width": 320, "height": 256})
    number = next(i for i, node in enumerate(graph(net)) if node.op == "tanh")
    tab.keyboard.press("End")
    tab.locator(f'[data-node="{number}"]').press("Enter")
    tab.locator("#details .cell").first.click()

    tab.locator("#details").evaluate("dialog => dialog.scrollTo(0, 9999)")
    tab.click("#close-details", timeout=2000)

    expect(tab.locator("#details")).to_be_hidden()


@pytest.mark.parametrize("size", SIZES)
def test_no_line_of_the_scalar_view_runs_behind_a_card(tab, net, size):
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    number = [i for i, node in enumerate(graph(net)) if node.op == "matmul"][1]
    tab.keyboard.press("End")
    tab.locator(f'[data-node="{number}"]').press("Enter")
    tab.locator("#details .cell").first.click()

    cards = tab.locator(".sources .card").count()

    assert cards == 4
    assert tab.locator(".branch").count() == cards + 1
    assert tab.evaluate(BEHIND) == []
    tab.locator("#details").evaluate("dialog => dialog.scrollTo(0, 9999)")
    tab.wait_for_timeout(50)
    assert tab.evaluate(BEHIND) == []
    edges = tab.locator("#details").evaluate(
        "dialog => [dialog.scrollWidth, dialog.clientWidth]"
    )
    assert edges[0] <= edges[1]


def test_the_scalar_view_has_the_elements_of_constants_too(tab, net):
    number = next(i for i, node in enumerate(graph(net)) if node.op == "matmul")
    tab.keyboard.press("End")
    tab.locator(f'[data-node="{number}"]').press("Enter")
    tab.locator("#details .cell").first.click()

    constants = tab.locator(".sources .card.constant")

    expect(constants).to_have_count(3)
    expect(constants.first).to_contain_text("x[0, 0]")
    assert tab.locator(".tip").count() == 3 + 1  # nothing flows back to a constant


def test_on_paper_there_is_the_whole_graph_and_the_step_and_no_button(tab, net):
    tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
    tab.keyboard.press("End")
    for _ in range(5):
        tab.keyboard.press("+")
    screen = tab.locator("#world").evaluate("world => world.getScreenCTM().a")

    tab.emulate_media(media="print", color_scheme="dark")
    tab.set_viewport_size({"width": 794, "height": 1123})
    expect(tab.locator("#graph")).to_have_attribute("viewBox", re.compile("."))
    area = tab.locator("#graph").bounding_box()

    assert tab.locator("button:visible:not(.name)").count() == 0
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(18, 24, 31)"
    for box in tab.locator(".box rect").all():
        place = box.bounding_box()
        assert place["x"] >= area["x"]
        assert place["y"] + place["height"] <= area["y"] + area["height"]
    panel = tab.locator("#panel")
    assert panel.evaluate("panel => panel.scrollHeight <= panel.clientHeight + 1")
    tab.emulate_media(media="screen")
    expect(tab.locator("#graph")).not_to_have_attribute("viewBox", re.compile("."))
    again = tab.locator("#world").evaluate("world => world.getScreenCTM().a")
    assert again == pytest.approx(screen)
