"""The keys: the focus is where a reader expects it, and nothing needs a mouse."""

import itertools

from playwright.sync_api import Page, expect

from pebblegrad.autograd import graph


def place(tab: Page) -> tuple[float, float]:
    """Return where the graph has been moved to."""
    return tuple(
        tab.evaluate(
            """() => { const {m41, m42} = new DOMMatrix(
                document.getElementById("world").style.transform);
                return [m41, m42]; }"""
        )
    )


def test_shift_and_an_arrow_move_the_drawing_and_not_the_walk(tab, net):
    tab.set_viewport_size({"width": 700, "height": 700})
    tab.keyboard.press("+")
    moves = {}
    for key in ("Right", "Left", "Down", "Up"):
        before = place(tab)
        tab.keyboard.press(f"Shift+Arrow{key}")
        after = place(tab)
        moves[key] = (after[0] - before[0], after[1] - before[1])

    assert moves["Right"][0] < 0 < moves["Left"][0]
    assert moves["Down"][1] < 0 < moves["Up"][1]
    expect(tab.locator("#progress")).to_contain_text("Step 1 of")
    for _ in range(200):
        tab.keyboard.press("Shift+ArrowRight")
    world = tab.locator("#world").bounding_box()
    assert world["x"] + world["width"] > 30  # it cannot be lost


def test_escape_clears_the_search_and_goes_back_to_where_one_was(tab, net):
    number = next(i for i, node in enumerate(graph(net)) if node.op == "tanh")
    box = tab.locator(f'[data-node="{number}"]')
    search = tab.locator("#search")
    tab.fill("#search", "tanh")
    tab.keyboard.press("Enter")
    expect(box).to_be_focused()

    tab.keyboard.press("/")
    tab.keyboard.type("add")
    expect(tab.locator("#found")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(search).to_have_value("")
    expect(tab.locator("#found")).to_be_hidden()
    expect(box).to_be_focused()

    tab.keyboard.press("f")
    tab.keyboard.press("Escape")  # with nothing in it
    expect(box).to_be_focused()
    tab.focus("#play")
    tab.keyboard.press("f")
    tab.keyboard.type("a")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#found-list button").nth(1)).to_be_focused()
    tab.keyboard.press("Escape")
    expect(tab.locator("#play")).to_be_focused()


def test_escape_leaves_a_search_that_was_begun_from_nowhere(tab, net):
    tab.keyboard.press("f")
    tab.keyboard.type("add")
    tab.keyboard.press("Escape")

    tab.keyboard.press("ArrowRight")

    expect(tab.locator("#progress")).to_contain_text("Step 2 of")


def test_the_focus_returns_where_it_was_when_help_or_a_box_is_closed(tab, net):
    tab.keyboard.press("ArrowRight")
    name = tab.locator("#step .name").first
    number = next(i for i, node in enumerate(graph(net)) if node.op == "tanh")
    box = tab.locator(f'[data-node="{number}"]')

    for start in (name, box, tab.locator("#play"), tab.locator("#jump")):
        start.focus()
        tab.keyboard.press("?")
        expect(tab.locator("#help-title")).to_be_focused()
        tab.keyboard.press("Escape")
        expect(start).to_be_focused()
    for start in (name, box):
        start.focus()
        tab.keyboard.press("Enter")
        expect(tab.locator("#details-title")).to_be_focused()
        tab.keyboard.press("Escape")
        expect(start).to_be_focused()
    tab.click("#open-help")
    tab.click("#close-help")
    expect(tab.locator("#open-help")).to_be_focused()


def test_the_slider_and_the_speed_keep_only_the_keys_that_they_need(tab, net):
    progress = tab.locator("#progress")
    tab.locator("#jump").focus()
    tab.keyboard.press("ArrowRight")
    expect(progress).to_contain_text("Step 2 of")
    tab.keyboard.press("Home")
    expect(progress).to_contain_text("Step 1 of")
    tab.keyboard.press("t")
    expect(tab.locator("#theme")).to_have_text("Light")
    tab.keyboard.press("Space")
    expect(tab.locator("#play")).to_have_text("Pause")
    tab.keyboard.press("Space")
    expect(tab.locator("#play")).to_have_text("Play")
    tab.keyboard.press("Home")

    tab.locator("#speed").focus()
    tab.keyboard.press("ArrowRight")

    expect(progress).to_contain_text("Step 2 of")
    expect(tab.locator("#speed")).to_have_value("2000")
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#speed")).to_have_value("700")
    tab.keyboard.press("f")
    tab.keyboard.type("t ?")  # in a field for text, text
    expect(tab.locator("#search")).to_have_value("t ?")
    expect(tab.locator("#help")).to_be_hidden()


def test_a_name_in_the_panel_marks_its_box(tab, net):
    tab.keyboard.press("ArrowRight")
    names = tab.locator("#step .name")
    marked = tab.locator(".box.meant")

    names.first.hover()
    expect(marked).to_contain_text(names.first.inner_text())
    names.last.focus()
    expect(marked).to_contain_text(names.last.inner_text())
    tab.mouse.move(5, 300)
    expect(marked).to_contain_text(names.last.inner_text())  # the focus is still there
    tab.locator("#play").focus()

    expect(marked).to_have_count(0)


def test_no_box_stays_marked_whose_name_has_gone(tab, net):
    tab.keyboard.press("ArrowRight")
    names = tab.locator("#step .name")
    names.first.hover()
    names.last.focus()

    tab.keyboard.press("Home")

    for name in names.all():
        expect(name).not_to_be_focused()
    hovered = tab.locator("#step .name:hover")
    expect(tab.locator(".box.meant")).to_have_count(hovered.count())


def test_the_name_under_the_mouse_is_marked_when_the_focus_leaves_another(tab, net):
    tab.keyboard.press("ArrowRight")
    names = tab.locator("#step .name")
    marked = tab.locator(".box.meant")

    names.nth(1).focus()
    names.first.hover()
    tab.locator("#play").focus()

    expect(marked).to_contain_text(names.first.inner_text())


def test_a_step_taken_from_within_the_panel_leaves_the_focus_there(tab, net):
    tab.keyboard.press("ArrowRight")
    tab.locator("#step .name").first.focus()

    tab.keyboard.press("ArrowRight")

    expect(tab.locator("#panel")).to_be_focused()


def test_up_and_down_go_through_all_boxes_as_the_drawing_is_read(tab, net):
    nodes = graph(net)
    order = tab.evaluate(
        "JSON.parse(document.getElementById('data').textContent).drawing.order"
    )
    tab.locator(f'[data-node="{order[0]}"]').focus()
    seen = []

    for _ in nodes:
        focused = tab.locator("[data-node]:focus")
        seen.append((int(focused.get_attribute("data-node")), place_of(focused)))
        tab.keyboard.press("ArrowDown")
    end = tab.locator("[data-node]:focus").get_attribute("data-node")
    tab.keyboard.press("ArrowUp")

    assert [number for number, _ in seen] == order
    assert sorted(order) == list(range(len(nodes)))
    assert end == str(order[-1])
    expect(tab.locator(f'[data-node="{order[-2]}"]')).to_be_focused()
    for (_, (x, y)), (_, (next_x, next_y)) in itertools.pairwise(seen):
        # Further right in the row, in a row below, or in the next column.
        assert next_x > x or next_y > y


def place_of(box) -> tuple[float, float]:
    """Return the middle of a box in the drawing, wherever that has been moved to."""
    return tuple(
        box.locator("rect").evaluate(
            """rect => { const {x, y, width, height} = rect.getBBox();
                return [x + width / 2, y + height / 2]; }"""
        )
    )
