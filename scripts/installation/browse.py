"""What a person does in the browser, over HTTPS and with the certificate of the page (scripts/installation): the first
page and its forms. Runs inside the fresh Debian, so it needs Python alone.

    python3 browse.py CA link ADDRESS PASSWORD            choose a password by a one-time link
    python3 browse.py CA sign-in ADDRESS EMAIL PASSWORD
    python3 browse.py CA restore ADDRESS FOLDER KEY       restore a copy by the first page, and wait for its end
    python3 browse.py CA refused ADDRESS FOLDER KEY       the same, but the page says why it cannot
"""

import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from html.parser import HTMLParser
from http.cookiejar import CookieJar

SECONDS_FOR_A_COPY = 120


class Forms(HTMLParser):
    """The inputs of each form, by name, with what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({})
        elif tag in {"input", "textarea"} and self.found and told.get("name"):
            self.found[-1][told["name"]] = told.get("value", "")


class Browser:
    def __init__(self, authority: str) -> None:
        context = ssl.create_default_context(cafile=authority)
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), cookies)
        self.address = ""

    def open(self, address: str, data: dict[str, str] | None = None) -> str:
        """The page, also of an answer that refuses."""
        body = urllib.parse.urlencode(data).encode() if data else None
        headers = {"Referer": self.address or address}
        request = urllib.request.Request(address, body, headers)  # noqa: S310 -- what the trial typed
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        self.address = answer.geturl()
        return str(answer.read().decode())

    def send(self, address: str, **typed: str) -> str:
        """Open a page and send the form that has all these fields."""
        page = self.open(address)
        [form] = [form for form in Forms(page).found if form.keys() >= typed.keys()]
        return self.open(self.address, form | typed)


def link(browser: Browser, address: str, password: str) -> None:
    page = browser.send(address, password=password, again=password)
    expect("choose", "Today" in page and "/link/" not in browser.address, page)


def sign_in(browser: Browser, address: str, email: str, password: str) -> None:
    page = browser.send(f"{address}/sign-in/", username=email, password=password)
    expect("sign in", "Today" in page and "/sign-in/" not in browser.address, page)


def restore(browser: Browser, address: str, folder: str, key: str) -> None:
    page, until = browser.send(address, place=folder, identity=key), time.monotonic() + SECONDS_FOR_A_COPY
    while "The copy is being restored" in page and time.monotonic() < until:
        time.sleep(1)
        page = browser.open(address)
    expect("restore", "The copy is restored" in page, page)


def refused(browser: Browser, address: str, folder: str, key: str) -> None:
    page = browser.send(address, place=folder, identity=key)
    expect("say why", "cannot be read by the user of the service" in page, page)


def expect(what: str, is_so: bool, page: str) -> None:
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))
    if not is_so:
        sys.exit(f"could not {what}: {text[:1500]}")
    print(text[:600])


if __name__ == "__main__":
    acts = {"link": link, "sign-in": sign_in, "restore": restore, "refused": refused}
    acts[sys.argv[2]](Browser(sys.argv[1]), *sys.argv[3:])
