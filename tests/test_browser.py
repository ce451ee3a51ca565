"""The watch over the browser sees what it is there to see; otherwise every page test would pass for nothing."""

import pytest

from tests.browser import Watch, check_accessibility

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look_at(chromium, html: str) -> list[str]:
    watch = Watch()
    context = chromium.new_context()
    watch.over(context)
    page = context.new_page()
    page.set_content(html)
    page.wait_for_timeout(200)
    context.close()
    return watch.unexpected()


def test_a_plain_page_has_no_faults(chromium):
    assert look_at(chromium, "<!doctype html><html lang=en><title>Plain</title><p>Nothing wrong.") == []


@pytest.mark.parametrize(
    "html, fault",
    [
        ("<script>console.error('the words')</script>", "console: the words"),
        ("<script>undefined_function()</script>", "exception: "),
        ("<img src='http://outside.example/pixel.png' alt=''>", "request to the outside: http://outside.example/"),
        ("<img src='http://127.0.0.1:9/nobody.png' alt=''>", "request failed: GET http://127.0.0.1:9/nobody.png"),
    ],
)
def test_each_kind_of_fault_is_seen(chromium, html, fault):
    assert any(found.startswith(fault) for found in look_at(chromium, html))


def test_only_what_was_announced_is_forgiven():
    watch = Watch()
    watch.faults = ["console: status of 409", "console: status of 500"]
    watch.allow("status of 409")
    assert watch.unexpected() == ["console: status of 500"]


def test_axe_names_the_rule_and_the_place(chromium):
    page = chromium.new_page()
    page.set_content("<!doctype html><html lang=en><title>Bad</title><input id=age>")
    with pytest.raises(AssertionError, match=r"label \(critical\).*\n.*#age"):
        check_accessibility(page)
    page.set_content("<!doctype html><html lang=en><title>Good</title><label>Age <input id=age></label>")
    check_accessibility(page)
    page.close()


def test_live_server_serves_styles_and_pages(page, live_server):
    """The live server serves our styles and pages."""
    response = page.goto("/static/css/tokens.css")
    assert response.status == 200
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
