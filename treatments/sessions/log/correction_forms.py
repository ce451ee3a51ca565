import copy
from typing import Any

from treatments.courses.volumes import of_rows
from treatments.records.models import PassedWarning
from treatments.records.problems import Problem
from treatments.sessions.log import lot_choice
from treatments.sessions.log.session_forms import SessionForm


class CorrectionForm(SessionForm):
    """Correcting a session that stands: every fact of it, and the reason."""

    class Meta(SessionForm.Meta):
        fields = [*SessionForm.Meta.fields, "since_last", "reactions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance_as_kept = copy.copy(self.instance)
        volumes, told = of_rows(self.instance.region_volumes.all())
        self.start_volumes(volumes)
        self.initial["as_told"] = next(iter(told.values()), "")
        self.initial["lot"] = lot_choice.NOT_RECORDED if self.instance.lot_is_unknown else self.instance.lot_id or ""
        self.passed_before = set(
            PassedWarning.objects.filter(record_id=self.instance.pk).values_list("sentence", flat=True)
        )

    def caution(self, problem: Problem, field: str) -> None:
        if problem.sentence not in self.passed_before:
            super().caution(problem, field)

    def _judge_background(self) -> None:
        """Whether to go ahead was decided on the day. A correction asks again only for consent to what it changes."""
        before = (self.instance_as_kept.performed_on, self.instance_as_kept.product_id)
        product = self.cleaned_data.get("product")
        if before == (self.happened_on, product.pk if product else None):
            return
        for problem in self.background.consent_problems(on=self._consent_day, product=product):
            self.judge_consent(problem)
