"""The walk through the steps: what lights up, what is said, and what it costs."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pebblegrad.autograd import Tensor, graph, ops
from pebblegrad.viz import explore


def heads(tab: Page) -> list[tuple[float, float, bool]]:
    """Return the heads of the lit lines: where each points to, and whether upwards."""
    paths = tab.locator(".head").evaluate_all(
        "all => all.map(head => head.getAttribute('d'))"
    )
    found = []
    for path in paths:
        x, y, _, rise = (float(n) for n in re.findall(r"-?[\d.]+", path)[:4])
        found.append((x, y, rise > 0))
    return found


def box(tab: Page, number: int) -> dict[str, float]:
    return tab.evaluate(
        """number => JSON.parse(document.getElementById("data").textContent)
            .drawing.boxes[number]""",
        number,
    )


def test_the_head_of_a_lit_line_points_the_way_its_numbers_go(tab, net):
    nodes = graph(net)
    number = next(i for i, node in enumerate(nodes) if node.op == "matmul")
    weight = next(i for i, node in enumerate(nodes) if node.label == "hidden")

    tab.fill("#search", "matmul")
    tab.keyboard.press("Enter")
    forward = heads(tab)
    op = box(tab, number)
    tab.keyboard.press("End")
    backward = heads(tab)
    leaf = box(tab, weight)

    top, bottom = op["y"] - op["height"] / 2, leaf["y"] + leaf["height"] / 2
    assert [up for _, _, up in forward] == [False, False]
    assert [y for _, y, _ in forward] == pytest.approx([top, top], abs=1.5)
    ((x, y, up),) = backward
    assert up
    assert y == pytest.approx(bottom, abs=1.5)
    assert x == pytest.approx(leaf["x"], abs=leaf["width"] / 2)
    assert (
        tab.locator(".arrow.hidden").count() == 1
    )  # the one that points the other way


def test_a_long_run_of_steps_is_announced_once_by_its_last(tab, net):
    tab.evaluate(
        """() => { window.said = []; new MutationObserver(() => window.said.push(
            document.getElementById("said").textContent)).observe(
                document.getElementById("said"), {childList: true}); }"""
    )
    for _ in range(5):
        tab.keyboard.press("ArrowRight")

    said = tab.locator("#said")
    expect(said).to_have_text(re.compile(r"^Step 6 of \d+, forward: Forward: \w+ of "))
    expect(said).to_contain_text(tab.inner_text("#sentence"))
    assert tab.evaluate("window.said.length") == 1
    assert tab.locator("[aria-live]").count() == 0
    assert tab.locator("[role=status]").evaluate_all("all => all.map(s => s.id)") == [
        "found-count",
        "said",
    ]


def test_a_step_has_an_address_that_opens_it_again(browser, tab, net, net_page):
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_timeout(1200)  # it is written when the walk rests
    assert tab.evaluate("location.hash") == "#step=3"
    count = int(tab.get_attribute("#jump", "max"))
    tab.evaluate("location.hash = '#step=7'")
    expect(tab.locator("#progress")).to_contain_text("Step 7 of")

    for address, shown in [("step=5", 5), ("step=99999", count), ("step=x", 1)]:
        with browser.new_page() as other:
            other.goto(f"{net_page.as_uri()}#{address}")
            expect(other.locator("#progress")).to_contain_text(f"Step {shown} of")


def test_playing_is_slow_and_without_gliding_for_those_who_asked_for_calm(
    tab, net_page
):
    tab.emulate_media(reduced_motion="reduce")
    tab.goto(net_page.as_uri())

    expect(tab.locator("#speed")).to_have_value("4000")
    tab.select_option("#speed", "fast")
    tab.click("#play")
    expect(tab.locator("#progress")).to_contain_text("Step 3 of")
    assert not tab.locator("#world.smooth").count()
    assert tab.evaluate("document.getAnimations().length") == 0


def test_a_step_touches_only_the_boxes_of_which_something_changes(tab, tmp_path):
    x = shared = Tensor(0.5, requires_grad=True, label="x")
    for _ in range(150):
        x = (x * shared).tanh()
    tab.goto(explore(x, tmp_path / "page.html").as_uri())
    tab.locator("#jump").fill("400")
    tab.evaluate(
        """() => { window.touched = new Set();
            new MutationObserver(all => all.forEach(({target}) => window.touched.add(
                target.closest("[data-node]")?.dataset.node))).observe(
                    document.getElementById("graph"),
                    {subtree: true, attributes: true, childList: true}); }"""
    )

    for _ in range(4):
        tab.keyboard.press("ArrowRight")

    touched = set(tab.evaluate("[...window.touched]")) - {None}
    assert 1 <= len(touched) <= 10
    tab.keyboard.press("Home")
    expect(tab.locator(".box.computed.op")).to_have_count(0)
    expect(tab.locator(".has-gradient")).to_have_count(0)
    tab.keyboard.press("End")
    expect(tab.locator(".box.computed.op")).to_have_count(300)
    expect(tab.locator(".has-gradient")).to_have_count(301)


def test_long_parameters_and_the_arrays_in_an_index_are_read_whole(tab, tmp_path):
    x = Tensor(np.arange(12.0).reshape(3, 4), requires_grad=True, label="x")
    picked = ops.broadcast_to(x[np.array([0, 2])], (2, 1, 1, 1, 2, 4))
    tab.goto(explore(picked.sum(), tmp_path / "page.html").as_uri())

    for op, wanted in [("broadcast_to", "(2, 1, 1, 1, 2, 4)"), ("getitem", "int64")]:
        tab.fill("#search", op)
        tab.keyboard.press("Enter")
        tab.keyboard.press("Enter")
        expect(tab.locator("[data-role=parameters]")).to_contain_text(wanted)
        tab.keyboard.press("Escape")
    tab.keyboard.press("Enter")
    inside = tab.locator("[data-role=parameters] [data-role=inside] td:not(thead td)")
    assert inside.all_inner_texts() == ["0", "2"]


def test_the_functions_that_a_formula_calls_are_explained_under_it(tab, tmp_path):
    x = Tensor(np.ones((2, 3)), requires_grad=True, label="x")
    tab.goto(explore(ops.max(x), tmp_path / "page.html").as_uri())
    helpers = tab.evaluate(
        "JSON.parse(document.getElementById('data').textContent).helpers"
    )

    tab.keyboard.press("End")
    formula = tab.inner_text("[data-role=formula]")
    called = [name for name in helpers if re.search(rf"(?<!\w){name}\(", formula)]

    assert called
    for name in called:
        shown = tab.locator("[data-role=helpers]")
        expect(shown).to_contain_text(helpers[name]["signature"])
        expect(shown).to_contain_text(helpers[name]["sentence"].replace("`", ""))
    assert "`" not in tab.inner_text("[data-role=helpers]")
    assert tab.locator("[data-role=helpers] dd code").all_inner_texts()
