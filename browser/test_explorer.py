"""The explorer's page in a real browser: what a learner sees, and can reach.

`nox -s browser` runs this with Chromium and axe-core; no other session does.
"""

# As in every folder of tests, the name of a test is its sentence.

import os
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pebblegrad.autograd import Tensor, graph, ops, trace, values
from pebblegrad.viz import explore


def numbers(tab: Page, role: str, within: str = "#step") -> list[str]:
    """Return the numbers of the array with some role, as they stand on the page."""
    return tab.locator(
        f"{within} [data-role={role}] td:not(thead td)"
    ).all_inner_texts()


def operands(tab: Page) -> list[list[str]]:
    """Return the numbers of each operand of the present step, or its text."""
    return tab.locator("#step [data-role=operand]").evaluate_all(
        """all => all.map(one => one.matches("p") ? [one.textContent]
            : [...one.querySelectorAll("tbody td")].map(cell => cell.textContent))"""
    )


def texts(array) -> list[str]:
    return [str(number) for number in np.asarray(array).ravel()]


def progress(tab: Page) -> str:
    return tab.inner_text("#progress")


def test_a_whole_pass_is_stepped_through_with_the_numbers_of_the_engine(tab, net, evil):
    nodes, known, steps = graph(net), values(net), trace(net)
    ops = [i for i, node in enumerate(nodes) if node.kind == "op"]
    count = 1 + len(ops) + 1 + len(steps)
    totals = {}

    expect(tab.locator("#progress")).to_have_text(f"Step 1 of {count}, forward")
    for number in ops:
        tab.click("#next")
        assert numbers(tab, "result") == texts(known[number])
        assert operands(tab) == [texts(known[p]) for p in nodes[number].parents]
        expect(tab.locator(".box.now")).to_have_attribute("data-node", str(number))
    tab.click("#next")
    expect(tab.locator("#progress")).to_have_text(re.compile("backward"))
    assert numbers(tab, "result") == ["1.0"]
    for step in steps:
        tab.click("#next")
        before = totals.get(step.parent)
        totals[step.parent] = step.result if before is None else before + step.result
        assert tab.inner_text("[data-role=formula]") == step.formula
        assert numbers(tab, "g") == texts(step.g)
        shown = zip(operands(tab), step.operands.values(), strict=True)
        for told, value in shown:
            is_array = isinstance(value, np.ndarray)
            assert told == (texts(value) if is_array else [str(value)])
        assert numbers(tab, "result") == texts(step.result)
        assert numbers(tab, "before") == ([] if before is None else texts(before))
        if before is not None:
            assert numbers(tab, "total") == texts(totals[step.parent])
        raw = step.apply(step.g, summed=False)
        is_summed = raw.shape != step.result.shape
        assert numbers(tab, "raw") == (texts(raw) if is_summed else [])
        expect(tab.locator(".box.now")).to_have_attribute("data-node", str(step.node))
        expect(tab.locator(".box.to")).to_have_attribute("data-node", str(step.parent))
        if before is None and nodes[step.parent].label == "output":
            tab.press(f'.box[data-node="{step.parent}"]', "Enter")
            expect(tab.locator("#details-body")).to_contain_text("1 of 3 parts so far")
            assert numbers(tab, "gradient", "#details") == texts(step.result)
            tab.keyboard.press("Escape")
        assert tab.locator(".route.lit").count() >= 1
    assert progress(tab) == f"Step {count} of {count}, backward"
    expect(tab.locator("#next")).to_have_attribute("aria-disabled", "true")

    net.backward(retain_graph=True)
    labels = {node.label: i for i, node in enumerate(nodes)}
    for label in ("hidden", "output", evil):
        tab.press(f'.box[data-node="{labels[label]}"]', "Enter")
        shown = numbers(tab, "gradient", "#details")
        assert shown == texts(totals[labels[label]])
        tab.keyboard.press("Escape")


def test_the_scalar_view_shows_an_elements_own_graph(tab, net):
    nodes, known = graph(net), values(net)
    number = next(i for i, node in enumerate(nodes) if node.op == "tanh")
    (step,) = (step for step in trace(net) if step.node == number)
    one = np.zeros_like(step.g)
    one[2, 1] = 1

    tab.click("#last")
    tab.press(f'.box[data-node="{number}"]', "Enter")
    tab.click("#details .cell >> nth=5")

    view = tab.locator("[data-role=scalar]")
    expect(tab.locator("#details-title")).to_have_text(f"tanh #{number}[2, 1]")
    expect(view.locator(".sources .card")).to_have_count(1)
    assert view.locator("[data-role=element-value]").inner_text() == (
        f"value {known[number][2, 1]!s}"
    )
    assert view.locator("[data-role=element-gradient]").inner_text() == (
        f"g = {step.g[2, 1]!s}"
    )
    assert view.locator("[data-role=local]").inner_text() == (
        f"local derivative {step.apply(one)[2, 1]!s}"
    )
    flow = view.locator("[data-role=flow]").inner_text()
    assert flow == f"gets {step.result[2, 1]!s}"
    assert view.locator(".branch").count() == 2  # to the op, and on to its element
    view.locator("button.card").click()
    expect(tab.locator("#details-title")).to_have_text(f"add #{number - 1}[2, 1]")
    tab.click("#scalar-back")
    expect(tab.locator("#details-title")).to_have_text(f"tanh #{number}[2, 1]")


def test_of_a_value_that_is_read_twice_there_is_at_first_a_part_of_its_gradient(
    tab, tmp_path
):
    x = Tensor([2.0, 3.0], requires_grad=True, label="x")
    h = x * 10
    h.label = "h"
    first = trace(loss := (h * h).sum())[1]

    tab.goto(explore(loss, tmp_path / "page.html").as_uri() + "#step=7")
    expect(tab.locator("#sentence")).to_contain_text("part 1 of 2")
    tab.press(f'.box[data-node="{first.parent}"]', "Enter")
    assert numbers(tab, "gradient", "#details") == texts(first.result)
    tab.click("#details .cell >> nth=1")

    expect(tab.locator("[data-role=element-gradient]")).to_have_text("g not known yet")
    assert tab.locator("[data-role=flow]").count() == 0
    tab.keyboard.press("Escape")
    expect(tab.locator("#details-title")).to_have_text("h")
    tab.keyboard.press("Escape")
    expect(tab.locator("#details")).to_be_hidden()
    tab.keyboard.press("ArrowRight")
    tab.press(f'.box[data-node="{first.parent}"]', "Enter")
    tab.click("#details .cell >> nth=1")
    expect(tab.locator("[data-role=element-gradient]")).to_have_text("g = 60.0")
    expect(tab.locator("[data-role=flow]")).to_have_text("gets 600.0")


def test_of_several_gradients_that_a_formula_returns_one_is_meant(tab, tmp_path):
    x = Tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True, label="x")
    y = Tensor([6.0, 8.0], requires_grad=True, label="y")

    tab.goto(explore(ops.linalg.solve(x, y).sum(), tmp_path / "page.html").as_uri())
    told = []
    for key in ("End", "ArrowLeft"):
        tab.keyboard.press(key)
        which = tab.inner_text("#step .for code")
        told.append((which, tab.inner_text("[data-role=returned]").strip()))

    assert sorted(told) == [
        ("x", "the first of the two that the formula returns"),
        ("y", "the second of the two that the formula returns"),
    ]


def test_a_dead_relu_shows_the_number_that_it_stops(tab, tmp_path):
    x = Tensor([-1.0, 2.0], requires_grad=True, label="x")
    tab.goto(explore(x.relu().sum(), tmp_path / "page.html").as_uri() + "#step=99")
    seen = []

    for place in (0, 1):
        tab.press('.box[data-node="1"]', "Enter")
        tab.click(f"#details .cell >> nth={place}")
        card = tab.locator(".sources .card")
        seen.append((card.inner_text(), tab.inner_text("#details-body p >> nth=0")))
        tab.click("#close-details")

    dead, alive = seen
    assert dead[0].split("\n")[1:] == ["value -1.0", "local derivative 0.0", "gets 0.0"]
    assert "not drawn" not in dead[1]
    assert alive[0].split("\n")[1:] == ["value 2.0", "local derivative 1.0", "gets 1.0"]
    assert alive[1].endswith("Elements whose local derivative is 0 are not drawn.")


def test_elements_without_a_gradient_are_not_the_ones_that_are_opened(tab, tmp_path):
    x = Tensor(np.ones((30, 4)), requires_grad=True, label="x")
    loss = (x * 2)[29].sum()

    tab.goto(explore(loss, tmp_path / "page.html").as_uri() + "#step=99")
    tab.press('.box[data-node="2"]', "Enter")
    further = tab.locator("[data-role=further] button")
    expect(further).to_have_count(4)
    further.first.click()

    expect(tab.locator("#details-title")).to_have_text("multiply #2[29, 0]")
    expect(tab.locator("[data-role=flow]")).to_have_text("gets 2.0")


def test_nothing_is_shown_before_its_time(tab, net):
    number = next(i for i, node in enumerate(graph(net)) if node.op == "tanh")
    box = tab.locator(f'.box[data-node="{number}"]')

    box.press("Enter")
    expect(tab.locator("#details-body")).to_contain_text("not computed yet")
    tab.click("text=which computes it")
    box.press("Enter")
    expect(tab.locator("#details-body")).to_contain_text("not known yet")
    tab.click("#details .cell >> nth=0")
    expect(tab.locator("[data-role=element-gradient]")).to_have_text("g not known yet")
    expect(tab.locator("[data-role=flow]")).to_have_count(0)


def test_everything_is_reached_by_keyboard_alone(tab, net):
    count = int(progress(tab).split()[3].rstrip(","))
    keys = tab.keyboard

    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    assert progress(tab).startswith("Step 2 ")
    keys.press("End")
    assert progress(tab).startswith(f"Step {count} ")
    keys.press("Home")
    assert progress(tab).startswith("Step 1 ")

    keys.press("f")
    keys.type("TANH")
    expect(tab.locator("#found-count")).to_have_text("1 found")
    keys.press("Enter")
    number = next(i for i, node in enumerate(graph(net)) if node.op == "tanh")
    expect(tab.locator(f'[data-node="{number}"]')).to_be_focused()
    expect(tab.locator("#sentence")).to_contain_text("Forward: tanh")
    keys.press("ArrowUp")
    expect(tab.locator(f'[data-node="{number - 1}"]')).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(tab.locator("#details-title")).to_be_focused()
    for _ in range(3):  # past the button Close and the first buttons of the dialog
        keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(tab.locator("[data-role=scalar]")).to_be_visible()
    keys.press("Escape")
    expect(tab.locator("[data-role=value]")).to_be_visible()  # one back
    keys.press("Escape")
    expect(tab.locator("#details")).to_be_hidden()
    expect(tab.locator(f'[data-node="{number}"]')).to_be_focused()

    keys.press("?")
    expect(tab.locator("#help")).to_be_visible()
    keys.press("Escape")
    expect(tab.locator("#help")).to_be_hidden()


def test_zoom_by_key_wheel_and_drag_moves_the_graph_and_fit_brings_it_back(tab, net):
    def place():
        return tab.locator("#world").evaluate("world => world.style.transform")

    tab.keyboard.press("0")
    fitted = place()
    tab.keyboard.press("+")
    zoomed = place()
    tab.mouse.move(300, 300)
    tab.mouse.wheel(0, 200)
    wheeled = place()
    tab.mouse.down()
    tab.mouse.move(350, 330, steps=4)
    tab.mouse.up()
    dragged = place()
    tab.click("#zoom-fit")

    assert len({fitted, zoomed, wheeled, dragged}) == 4
    assert place() == fitted
    assert not tab.locator("#details").is_visible()  # a drag is not a click


def test_it_plays_and_pauses_and_stops_at_the_end(tab, net):
    count = int(progress(tab).split()[3].rstrip(","))
    tab.select_option("#speed", "fast")

    tab.click("#play")
    expect(tab.locator("#progress")).to_have_text(re.compile("^Step 3 "))
    expect(tab.locator("#play")).to_have_text("Pause")
    tab.click("#play")
    expect(tab.locator("#play")).to_have_text("Play")
    tab.locator("#jump").fill(str(count - 1))
    tab.click("h1")
    tab.locator("body").press("Space")
    expect(tab.locator("#progress")).to_have_text(re.compile(f"^Step {count} "))
    expect(tab.locator("#play")).to_have_text("Play")


def test_labels_are_text(tab, net, evil):
    number = next(i for i, node in enumerate(graph(net)) if node.label == evil)

    tab.press(f'.box[data-node="{number}"]', "Enter")

    expect(tab.locator("#details-title")).to_have_text(evil)
    assert tab.locator("script").count() == 2


def test_a_number_of_three_axes_a_cut_one_and_an_empty_one_are_tables(tab, tmp_path):
    rng = np.random.default_rng(1)
    cube = Tensor(rng.normal(size=(2, 2, 3)), requires_grad=True, label="cube")
    long = Tensor(rng.normal(size=(100, 70)), label="long")
    empty = Tensor(np.zeros((0, 2)), label="empty")
    loss = cube.sum() + (cube[0, 0, 0] * long).sum() + (cube[0, 0, 0] * empty).sum()

    tab.goto(explore(loss, tmp_path / "page.html").as_uri())

    parts = tab.locator("#step .part")
    in_cube = parts.filter(has_text="cube").locator("td:not(thead td)")
    assert in_cube.all_inner_texts() == texts(cube.detach().data)
    assert parts.filter(has_text="cube").locator("table").count() == 2
    in_long = parts.filter(has_text="long")
    assert in_long.locator("td:not(thead td)").count() == 64
    expect(in_long).to_contain_text("64 shown, 6,936 more left out")
    expect(parts.filter(has_text="empty")).to_contain_text("no elements")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(tab, net, width):
    tab.set_viewport_size({"width": width, "height": 844})
    tab.keyboard.press("End")

    wide = tab.evaluate("document.documentElement.scrollWidth")
    panel = tab.locator("#panel")

    assert wide <= width
    assert panel.bounding_box()["height"] > 200
    assert tab.locator("#graph").bounding_box()["height"] > 200
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")


PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


@pytest.mark.parametrize("tab", [PHONE], indirect=True, ids=["phone"])
def test_a_finger_taps_a_box_open_and_drags_the_graph(tab, net_page):
    tab.goto(net_page.as_uri())
    tab.tap("#next")
    tab.tap(".box.now")
    expect(tab.locator("#details")).to_be_visible()
    tab.tap("#close-details")
    expect(tab.locator("#details")).to_be_hidden()
    before = tab.locator("#world").evaluate("world => world.style.transform")
    tab.locator("#graph").evaluate(
        """graph => [["pointerdown", 50], ["pointermove", 90], ["pointerup", 90]]
            .forEach(([type, clientX]) => graph.dispatchEvent(new PointerEvent(
                type, {clientX, clientY: 300, pointerId: 7, bubbles: true})))"""
    )
    after = tab.locator("#world").evaluate("world => world.style.transform")

    assert after != before
    assert tab.evaluate("visualViewport.scale") == 1


def test_the_theme_is_the_systems_until_it_is_switched(tab, net):
    def ground():
        return tab.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground()
    tab.emulate_media(color_scheme="dark")
    dark = ground()
    tab.click("#theme")

    assert light != dark
    assert ground() == light
    expect(tab.locator("#theme")).to_have_text("Dark")


def test_the_address_can_ask_for_a_theme(tab, net_page):
    tab.goto(f"{net_page.as_uri()}#step=2&theme=dark")
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    expect(tab.locator("#progress")).to_contain_text("Step 2 of")

    tab.evaluate("location.hash = '#theme=light'")
    expect(tab.locator("#theme")).to_have_text("Dark")

    assert dark != tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_timeout(1200)  # it is written when the walk rests
    assert tab.evaluate("location.hash") == "#step=3&theme=light"


def test_nothing_moves_for_those_who_asked_for_calm(tab, net):
    tab.emulate_media(reduced_motion="reduce")
    tab.keyboard.press("End")

    running = tab.evaluate("document.getAnimations().length")

    assert tab.locator(".route.lit").count() > 0
    assert running == 0


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        ("light", 1280, 844),
        ("dark", 1280, 844),
        ("light", 390, 844),
        ("dark", 390, 844),
        ("light", 320, 256),
    ],
)
def test_axe_finds_no_serious_fault(tab, net, scheme, width, height):
    axe = Path(os.environ["PEBBLEGRAD_AXE"]).read_text(encoding="utf-8")
    tab.set_viewport_size({"width": width, "height": height})
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tab.evaluate(axe)

    def faults():
        found = tab.evaluate("axe.run()")
        assert len(found["passes"]) > 10
        return [
            (fault["id"], fault["nodes"][0]["html"])
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
        ]

    count = int(progress(tab).split()[3].rstrip(","))
    assert faults() == []
    for step in (2, count // 2, count):
        tab.locator("#jump").fill(str(step))
        assert faults() == [], f"step {step}"
    tab.keyboard.press("Tab")
    tab.fill("#search", "a")
    assert faults() == [], "search"
    tab.locator("#search").press("Escape")
    tab.locator("#panel").focus()
    tab.keyboard.press("Enter")
    assert faults() == [], "a box"
    number = next(i for i, node in enumerate(graph(net)) if node.op == "tanh")
    tab.keyboard.press("Escape")
    tab.locator(f'[data-node="{number}"]').press("Enter")
    tab.locator("#details .cell").first.click()
    assert faults() == [], "the scalar view"
    tab.click("#close-details")
    tab.click("#open-help")
    assert faults() == [], "help"
