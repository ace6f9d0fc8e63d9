"""Downloads: the stranger answers of servers, good and bad.

`test_download` has the common ones. A behaviour here is a function of the server, the
request, the name of the file and its contents, which `mirror` is given for a test.
"""

import functools
import re
import time

import pytest

from pebblegrad.data import load_mnist, mnist

NAMES = [file.name for file in mnist._MNIST.files]


def send(request, *lines):
    """Write these to the connection as they are."""
    for line in lines:
        request.wfile.write(line)


def head(*fields, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", *fields, "Connection: close", "", ""]
    return "\r\n".join(lines).encode()


def chunk(piece):
    return b"%x\r\n%s\r\n" % (len(piece), piece)


# Answers that deliver the file.


def chunked(mirror, request, name, body):
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
    send(request, head("Transfer-Encoding: chunked"), *map(chunk, [*pieces, b""]))


def permanently_moved(mirror, request, name, body):
    target = mirror.url("good") + name
    send(request, head(f"Location: {target}", status="308 Permanent Redirect"))


def redirected_four_times(mirror, request, name, body):
    turn = sum(who == "redirected_four_times" for who, _ in mirror.asked)
    behaviour = "good" if turn % 5 == 0 else "redirected_four_times"
    send(request, head(f"Location: /{behaviour}/{name}", status="302 Found"))


def slow_to_begin(mirror, request, name, body):
    time.sleep(0.2)
    mirror.good(request, name, body)


def of_a_strange_type(mirror, request, name, body):
    fields = ["Content-Type: text/html; charset=nonsense", "Set-Cookie: a=b"]
    send(request, head(*fields, f"Content-Length: {len(body)}"), body)


GOOD = [
    chunked,
    permanently_moved,
    redirected_four_times,
    slow_to_begin,
    of_a_strange_type,
]


# Answers that do not.


def hung_up(mirror, request, name, body):
    """Not a byte."""


def hung_up_in_the_head(mirror, request, name, body):
    send(request, head(f"Content-Length: {len(body)}")[:20])


def not_http(mirror, request, name, body):
    send(request, b"SSH-2.0-OpenSSH_9.6\r\n")


def without_end_in_the_head(mirror, request, name, body):
    send(request, b"HTTP/1.1 200 OK\r\n")
    while not mirror.stop.is_set():
        send(request, b"X-Field: " + b"x" * 1000 + b"\r\n")


def empty(mirror, request, name, body):
    send(request, head("Content-Length: 0"))


def no_content(mirror, request, name, body):
    send(request, head(status="204 No Content"))


def a_part(mirror, request, name, body):
    fields = [f"Content-Range: bytes 0-9/{len(body)}", "Content-Length: 10"]
    send(request, head(*fields, status="206 Partial Content"), body[:10])


def too_short_a_length(mirror, request, name, body):
    send(request, head("Content-Length: 10"), body)


def a_broken_chunk(mirror, request, name, body):
    send(request, head("Transfer-Encoding: chunked"), chunk(body[:100]), b"zz\r\n")


def one_byte_more(mirror, request, name, body):
    send(request, head(), body + b"x")


def another_file(mirror, request, name, body):
    mirror.good(request, name, mirror.files[NAMES[1]])


def inflated(mirror, request, name, body):
    mirror.good(request, name, bytes(len(body) * 20))


def moved_to_nowhere(mirror, request, name, body):
    send(request, head(f"Location: /missing/{name}", status="301 Moved Permanently"))


def moved_to_another_protocol(mirror, request, name, body):
    send(request, head("Location: file:///etc/passwd", status="302 Found"))


def forbidden(mirror, request, name, body):
    send(request, head(status="403 Forbidden"), b"an explanation of many words")


def too_many_requests(mirror, request, name, body):
    send(request, head("Retry-After: 3600", status="429 Too Many Requests"))


BAD = {
    hung_up: r"RemoteDisconnected|Connection reset",
    hung_up_in_the_head: r"sent 0 bytes; needed are \d+",
    not_http: r"BadStatusLine",
    without_end_in_the_head: r"got more than 100 headers",
    empty: r"sent 0 bytes; needed are \d+",
    no_content: r"sent 0 bytes; needed are \d+",
    a_part: r"sent 10 bytes; needed are \d+",
    too_short_a_length: r"sent 10 bytes; needed are \d+",
    a_broken_chunk: r"the connection broke before all \d+ bytes had come",
    one_byte_more: r"sent more than \d+ bytes, the size of the file",
    another_file: r"sent \d+ bytes; needed are \d+",
    inflated: r"sent more than \d+ bytes, the size of the file",
    moved_to_nowhere: r"HTTP status 404 \(Not Found\)",
    moved_to_another_protocol: r"InvalidSchema",
    forbidden: r"HTTP status 403 \(Forbidden\)",
    too_many_requests: r"HTTP status 429 \(Too Many Requests\)",
}


def name_of(behaviour):
    return behaviour.__name__


@pytest.fixture
def url(mirror):
    """The URL of a mirror that does so."""

    def url(behaviour):
        setattr(mirror, behaviour.__name__, functools.partial(behaviour, mirror))
        return mirror.url(behaviour.__name__)

    return url


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("behaviour", GOOD, ids=name_of)
def test_an_unusual_answer_that_delivers_is_enough(small_mnist, folder, url, behaviour):
    small_mnist.use(url(behaviour))

    assert load_mnist(progress=False)[0].shape == (40, 784)
    assert left_in(folder) == sorted(NAMES)


@pytest.mark.parametrize("behaviour", BAD, ids=name_of)
def test_a_strange_answer_leads_to_the_next_mirror(
    small_mnist, folder, mirror, url, behaviour
):
    small_mnist.use(url(behaviour), mirror.url("good"))

    assert load_mnist(progress=False)[0].shape == (40, 784)
    assert left_in(folder) == sorted(NAMES)
    # It is asked once for the first file, and for no other.
    assert mirror.asked.count((behaviour.__name__, NAMES[0])) == 1
    assert not {(behaviour.__name__, name) for name in NAMES[1:]} & {*mirror.asked}


@pytest.mark.parametrize("behaviour", BAD, ids=name_of)
def test_a_strange_answer_alone_is_an_error_of_one_line_that_leaves_nothing(
    small_mnist, folder, url, behaviour
):
    small_mnist.use(url(behaviour))
    began = time.monotonic()

    with pytest.raises(ConnectionError) as caught:
        load_mnist(progress=False)

    *_, heading, reason = str(caught.value).splitlines()
    assert heading == "  no mirror delivered it:"
    assert reason.startswith(f"  {url(behaviour)}: ")
    assert re.search(BAD[behaviour], reason), reason
    assert left_in(folder) == []
    assert time.monotonic() - began < 5
