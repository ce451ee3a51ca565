"""A form as a person fills it in: fields are clicked or typed where they are seen, folded parts are opened first."""

from re import Pattern
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect


class FormDriver:
    def __init__(self, page: Page) -> None:
        self.page = page

    def _field(self, name: str, value: str | None = None) -> Locator:
        selector = f'main [name="{name}"]' + (f'[value="{value}"]' if value is not None else "")
        return self.page.locator(selector).first

    def _unfold(self, field: Locator) -> None:
        """Open what the field is folded in. A click that meets a page which moves just then is made once more."""
        folded = field.locator("xpath=ancestor::details[not(@open)]")
        for _ in range(6):
            if not folded.count():
                return
            folded.first.locator("summary").first.click()
            self.page.wait_for_timeout(50)
        expect(folded).to_have_count(0)

    def type(self, **fields: Any) -> "FormDriver":
        """Type text into fields by their names; a hyphen in a name is written as two underscores."""
        for name, text in fields.items():
            field = self._field(name.replace("__", "-"))
            self._unfold(field)
            field.fill(str(text))
        return self

    def select(self, **fields: str) -> "FormDriver":
        for name, value in fields.items():
            field = self._field(name.replace("__", "-"))
            self._unfold(field)
            field.select_option(value)
        return self

    def tick(self, name: str, *values: str) -> "FormDriver":
        """Click the radio button or tick box with each value; its label is what a finger would meet."""
        for value in values:
            field = self._field(name, value)
            self._unfold(field)
            self._label_of(field).click()
            expect(field).to_be_checked()
        return self

    def _label_of(self, field: Locator) -> Locator:
        around = field.locator("xpath=ancestor::label")
        return around if around.count() else self.page.locator(f'main label[for="{field.get_attribute("id")}"]').first

    def pass_warnings(self, reason: str) -> "FormDriver":
        """Give the same reason to every warning the page shows."""
        for field in self.page.locator('main input[type=text][name^="pass-"]').all():
            field.fill(reason)
        return self

    def save(self) -> "FormDriver":
        self.page.locator("main [data-save]").first.click()
        return self

    def save_with_reason(self, reason: str, *, leads_to: Pattern[str]) -> "FormDriver":
        """Save; where the page warns, read on, give the reason and save again, until it is saved."""
        for _ in range(4):
            self.pass_warnings(reason)
            with self.page.expect_response(_is_a_submit) as answered:
                self.save()
            if answered.value.status < 400:
                break
            self.page.locator("main .errors").first.wait_for()
        self.page.wait_for_url(leads_to)
        return self


def _is_a_submit(answer: Response) -> bool:
    """The form's own answer, not that of the draft which is kept while somebody types."""
    return bool(answer.request.method == "POST" and "/drafts/" not in answer.url)
