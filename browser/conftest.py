"""The browser that the tests drive, and a watch over what it says and asks for."""

import os
import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pebblegrad.autograd import Tensor
from pebblegrad.viz import explore

EVIL = "<script>alert(1)</script> \"q\" 'ü' 日本"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium: the system's if there is one, else the one of Playwright."""
    path = os.environ.get("PEBBLEGRAD_CHROMIUM") or shutil.which("chromium")
    # A container's root may not make the sandbox; the page is our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return an empty tab; at the end it must not have complained or asked for more.

    A test can ask for another device, by the options of Playwright's `new_page`.
    """
    options = {"viewport": {"width": 1280, "height": 800}}
    page = browser.new_page(**(options | getattr(request, "param", {})))
    page.set_default_timeout(10_000)
    faults: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: requests.append(request.url))
    yield page
    page.close()
    assert faults == []
    assert all(url.startswith(("file:", "data:")) for url in requests), requests
    assert sum(url.startswith("file:") for url in requests) <= 1


@pytest.fixture
def evil() -> str:
    """Return a label that is no HTML, and that of a parameter of `net`."""
    return EVIL


@pytest.fixture(scope="session")
def three_layers():
    """Return the loss of a net that broadcasts and shares, and what it is made of."""
    rng = np.random.default_rng(7)

    def array(*shape):
        return rng.normal(size=shape).astype(np.float32)

    held = {"x": Tensor(array(4, 3), label="x"), "y": Tensor(array(4, 1), label="y")}
    for name, shape in {
        "hidden": (3, 2),
        EVIL: (2,),
        "inner": (2, 3),
        "b2": (3,),
        "output": (3, 1),
    }.items():
        held[name] = Tensor(array(*shape), requires_grad=True, label=name)
    first = (held["x"] @ held["hidden"] + held[EVIL]).tanh()
    second = (first @ held["inner"] + held["b2"]).relu()
    out = second @ held["output"]
    loss = ((out - held["y"]) ** 2).mean() + (held["output"] * held["output"]).sum()
    loss.label = "loss"
    return loss, held


@pytest.fixture(scope="session")
def net_page(three_layers, tmp_path_factory):
    """Return the page of the net, a file."""
    return explore(three_layers[0], tmp_path_factory.mktemp("net") / "page.html")


@pytest.fixture
def net(tab: Page, three_layers, net_page) -> Tensor:
    """Return the loss of a net whose page the tab shows."""
    tab.goto(net_page.as_uri())
    return three_layers[0]
