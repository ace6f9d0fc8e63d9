"""`explore`: the page is whole, shows labels as text, asks nobody; what is refused."""

import itertools
import os
import re

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, no_grad
from pebblegrad.viz import explore


def test_nothing_is_changed_and_the_graph_can_still_be_used(rng, tmp_path, small_net):
    loss, parameters, _held = small_net(rng)
    parameters["W1"].grad = np.ones((3, 4), np.float32)
    explore(loss, tmp_path / "page.html")

    assert parameters["W1"].grad.data.tolist() == np.ones((3, 4)).tolist()
    assert parameters["b1"].grad is None
    loss.backward()
    assert parameters["b1"].grad is not None


def test_labels_are_written_so_that_no_browser_takes_them_for_html(tmp_path, read):
    evil = "</script><script>alert(\"1\")</script> & 'ü' \u2028 日本 {{data}}"
    x = Tensor([1.0], requires_grad=True, label=evil)
    y = x * 2
    y.label = "<img src=x onerror=alert(1)>"

    page = explore(y, tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")

    assert "alert(" not in text.replace("onerror=alert(1)&gt;", "").replace(
        re.search(r'id="data">(.*?)</script>', text)[1], ""
    )
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert not set("<>&\u2028") & set(re.search(r'id="data">(.*?)</script>', text)[1])
    assert read(page)["nodes"][0]["name"].startswith('</script><script>alert("1")')


def test_a_title_is_text_too_and_a_half_of_a_character_is_no_crash(tmp_path):
    x = Tensor([1.0], requires_grad=True, label="\ud800")
    page = explore(x * 2, tmp_path / "page.html", title="a < b & \udc00")

    assert "<h1>a &lt; b &amp; ?</h1>" in page.read_text(encoding="utf-8")


def test_the_page_asks_for_nothing_outside_itself(rng, tmp_path, small_net):
    text = explore(small_net(rng)[0], tmp_path / "page.html").read_text("utf-8")

    assert not re.search(r"https?:/*\w|//www", text)
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\(|\bsrc=|\bfetch\(|XMLHttp|import\(", text)
    assert re.findall(r'href="([^"]*)"', text) == ["data:,"]
    assert "innerHTML" not in text
    assert "{{" not in text


def test_the_page_of_a_small_net_is_small(rng, tmp_path, read):
    x = Tensor(rng.normal(size=(64, 784)).astype(np.float32), label="images")
    sizes = [784, 128, 64, 10]
    for n_in, n_out in itertools.pairwise(sizes):
        weight = Tensor(rng.normal(size=(n_in, n_out)), True, dtype=np.float32)
        x = (x @ weight + Tensor(np.zeros(n_out), True, dtype=np.float32)).relu()

    page = explore(x.logsumexp(axis=1).mean(), tmp_path / "page.html")
    entries = read(page)["arrays"]
    weight = next(e for e in entries if e["shape"] == [784, 128])

    assert page.stat().st_size < 1_000_000
    assert weight["block"] == [8, 8]
    assert all(len(entry["texts"]) <= 64 for entry in entries)


def test_the_number_of_elements_shown_is_a_choice(tmp_path, read, array):
    x = Tensor(np.arange(100.0), requires_grad=True)

    few = read(explore(x.sum(), tmp_path / "few.html", max_elements=3))
    all_of_them = read(explore(x.sum(), tmp_path / "all.html", max_elements=100))

    assert few["arrays"][few["nodes"][0]["value"]]["texts"] == ["0.0", "1.0", "2.0"]
    shown = array(all_of_them, all_of_them["nodes"][0]["value"])
    np.testing.assert_array_equal(shown, np.arange(100.0))


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    x = Tensor([1.0], requires_grad=True)
    target = tmp_path / "new" / "folder" / "page.HTML"

    assert explore(x * 2, os.fspath(target)) == target
    assert [p.name for p in target.parent.iterdir()] == ["page.HTML"]
    target.with_name("taken.html").mkdir()
    with pytest.raises(OSError, match="explore: the picture cannot be written"):
        explore(x * 2, target.with_name("taken.html"))


def freed():
    x = Tensor([1.0], requires_grad=True)
    y = x * x
    y.backward()
    return y


def untracked():
    with no_grad():
        return Tensor([1.0], requires_grad=True) * 2


KEPT = Tensor([1.0], requires_grad=True)


def written_into():
    y = (KEPT + 1).exp()
    KEPT.data[...] += 3
    return y


PAIR = Tensor([1.0, 2.0], requires_grad=True) * 2
ONE = Tensor(1.0, requires_grad=True) * 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: explore(np.ones(1), f), TypeError, "loss is of type ndarray; a Ten"),
        (lambda f: explore(f, ONE), TypeError, "filename is of type Tensor; a path"),
        (lambda f: explore(ONE, None), TypeError, "filename is of type NoneType"),
        (lambda f: explore(ONE, "a\0.html"), ValueError, "without the character"),
        (lambda f: explore(ONE, "a.png"), ValueError, r"'a.png'; a name ending in .h"),
        (lambda f: explore(ONE, f, title=3), TypeError, "title is of type int"),
        (lambda f: explore(ONE, f, max_elements=0), ValueError, "max_elements is 0; a"),
        (
            lambda f: explore(ONE, f, max_elements=True),
            TypeError,
            "max_elements is Tru",
        ),
        (lambda f: explore(ONE, f, max_nodes=np.True_), TypeError, "max_nodes is True"),
        (lambda f: explore(ONE, f, max_nodes=2.5), TypeError, "max_nodes is of type f"),
        (lambda f: explore(ONE, f, max_nodes=2), ValueError, "graph has 3 values; at"),
        (lambda f: explore(PAIR, f), ValueError, r"explore: loss has shape \(2,\); a"),
        (
            lambda f: explore(PAIR, f, gradient=[1.0]),
            ValueError,
            r"e: gradient has .*1",
        ),
        (
            lambda f: explore(PAIR, f, gradient="a"),
            TypeError,
            "gradient is 'a'; a numb",
        ),
        (
            lambda f: explore(PAIR, f, gradient=[1, [2]]),
            TypeError,
            r"\[1, \[2\]\]; a n",
        ),
        (
            lambda f: explore(freed(), f),
            RuntimeError,
            "explore: this graph was already",
        ),
        (lambda f: explore(untracked(), f), RuntimeError, r"\(1,\), requires no grad"),
        (
            lambda f: explore(written_into(), f),
            RuntimeError,
            "explore: .* written into",
        ),
        (lambda f: explore(Tensor, f), TypeError, "explore: loss is the class Tensor"),
    ],
)
def test_a_wrong_call_says_what_was_needed_and_writes_nothing(
    call, error, message, tmp_path
):
    with pytest.raises(error, match=message) as caught:
        call(tmp_path / "page.html")
    assert str(caught.value).startswith("explore: ")
    assert list(tmp_path.iterdir()) == []


def test_what_a_hook_raises_is_not_the_words_of_explore(tmp_path):
    def refuse(g):
        raise ValueError("mine: no")

    x = Tensor(1.0, requires_grad=True)
    x.register_hook(refuse)

    with pytest.raises(ValueError, match=r"^mine: no$"):
        explore(x * x, tmp_path / "page.html")
