"""Published results: each figure against one that was typed apart from the shipped data."""

import re

import pytest
from django.template.loader import render_to_string

from treatments.evidence.published.comparison import (
    mean_of,
    placebo_first,
    placebo_sentence,
    placebo_shares,
    share_of,
)
from treatments.evidence.published.panel import Own, Panel, beside
from treatments.evidence.published.studies import STUDIES, Study, adds_up
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

PAGE = "treatments/evidence/published/_beside.html"
# study, product begins with, n, week, mean, SD, interval as it was printed beside the sources
TYPED = [
    ("olsen-2002", "Placebo", 78, 48, 3.9, 21.7, (-1.0, 8.8)),
    ("olsen-2002", "Minoxidil 5", 139, 48, 18.6, 25.4, (14.3, 22.9)),
    ("olsen-2002", "Minoxidil 2", 141, 48, 12.7, 20.7, (9.3, 16.1)),
    ("olsen-2007", "Placebo", 172, 16, 4.7, 19.7, (1.7, 7.7)),
    ("olsen-2007", "Minoxidil 5", 180, 16, 20.9, 22.5, (17.6, 24.2)),
    ("lucky-2004", "Placebo", 51, 48, 9.4, 14.6, None),
    ("lucky-2004", "Minoxidil 5", 101, 48, 26.0, 19.5, None),
    ("lucky-2004", "Minoxidil 2", 108, 48, 20.7, 17.6, None),
    ("blume-peytavi-2011", "Minoxidil 5", 50, 24, 31.9, 19.9, None),
    ("blume-peytavi-2011", "Minoxidil 2", 50, 24, 28.4, 19.9, None),
    ("berger-2003", "Placebo", 50, 26, -0.58, None, None),
    ("berger-2003", "Minoxidil 5", 50, 26, 12.3, None, None),
]
# study, k, n, interval in per cent as it was printed beside the sources
SHARES = [
    ("alrv5xr-2022", 12, 18, (43.7, 83.7)),
    ("alrv5xr-2022", 11, 11, (74, 100)),
    ("prp-microneedling-60", 28, 60, (34.6, 59.1)),
    ("borhan-2015", 2, 14, (4, 40)),
    ("borhan-2015", 11, 14, None),
    ("ersan-2024", 0, 30, (0, 11.6)),
    ("review-exosomes-harms", 0, 125, (0, 2.9)),
]
WITHOUT_FIGURES = {
    *("rs-5252508", "gressenberger-2020", "kaufman-1998", "split-head-30"),
    *("pmid-39155501", "rs-6938290", "al-ameer-2025"),
}


def test_every_mean_is_as_it_was_typed() -> None:
    """No group more and none fewer; the intervals computed here are those printed beside the sources."""
    shipped = {
        (
            study.key,
            next(key for key in ("Placebo", "Minoxidil 5", "Minoxidil 2") if group.product.startswith(key)),
        ): group
        for study in STUDIES
        for group in study.groups
    }

    assert len(shipped) == len(TYPED) == sum(len(study.groups) for study in STUDIES)
    for key, product, n, week, mean, sd, interval in TYPED:
        group = shipped[key, product]
        assert (group.n, group.week, group.mean, group.sd) == (n, week, mean, sd), (key, product)
        found = mean_of(group).interval
        assert isinstance(found, NoAnswer if sd is None else Interval)
        if interval:
            assert (round(found.low, 1), round(found.high, 1)) == interval, (key, product)


def test_every_share_is_as_it_was_typed() -> None:
    shipped = {(study.key, share.k, share.n): share for study in STUDIES for share in study.shares}

    assert set(shipped) == {(key, k, n) for key, k, n, _ in SHARES}
    for key, k, n, interval in SHARES:
        found = share_of(shipped[key, k, n])
        assert isinstance(found, Estimate) and isinstance(found.interval, Interval)
        if interval:
            ends = (100 * found.interval.low, 100 * found.interval.high)
            assert ends == pytest.approx(interval, abs=0.51 if key == "borhan-2015" or n == 11 else 0.051), key


def test_placebo_stands_first() -> None:
    told = [group.is_placebo for _, group in placebo_first()]

    assert told == sorted(told, reverse=True) and sum(told) == 4


def test_groups_add_up() -> None:
    """Of every study; a paper that tells 60 patients in groups of 40, 30 and 30 would be found."""
    assert [study.key for study in STUDIES if not adds_up(study)] == []
    assert not adds_up(Study("x", "x", "x", "x", n=60, parts=(40, 30, 30)))
    assert sum(group.missing or 0 for study in STUDIES for group in study.groups) == 381 - (51 + 101 + 108)


def test_studies_without_figures_say_so() -> None:
    """They have words, no dot and no interval; the outlier and the preprints are told as such."""
    assert {study.key for study in STUDIES if not study.has_figures} == WITHOUT_FIGURES
    by_key = {study.key: study for study in STUDIES}
    assert "no figures in the abstract" in by_key["pmid-39155501"].words
    assert "Outlier: +69 %" in by_key["rs-5252508"].caution
    assert round(100 * (163.5 / 96.5 - 1)) == 69
    assert all("preprint" in by_key[key].caution for key in ("rs-5252508", "rs-6938290"))
    assert all(study.source and study.why_not.startswith("not comparable") for study in STUDIES)


def test_placebo_share_beside_a_limit() -> None:
    """Of placebo patients 22 to 23 % would pass +20 hairs/cm²; of a higher limit fewer."""
    shares = {each.study.key: each.share for each in placebo_shares(20)}

    assert {key: round(100 * share, 1) for key, share in shares.items()} == {
        "olsen-2002": 22.9,
        "olsen-2007": 21.9,
        "lucky-2004": 23.4,
    }
    assert "On placebo about 22 to 23 % of patients would pass “+20 hairs/cm²” too" in placebo_sentence()
    assert all(higher.share < shares[higher.study.key] for higher in placebo_shares(30))


def drawn(panel: Panel) -> str:
    return render_to_string(PAGE, {"published": panel})


def words(panel: Panel) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn(panel)))


def test_the_panel_shows_all_of_it() -> None:
    """Each figure, each source and why it is not comparable; nothing that tests or pools."""
    page = drawn(beside())
    told = words(beside())

    for key, _, n, week, mean, _, interval in TYPED:
        assert f" {n}" in told and f"{abs(mean):g}"[:3] in told and str(week) in told, key
        if interval:
            assert f"{interval[0]:+.1f} to {interval[1]:+.1f}".replace("-", "−") in told
    assert "up to 2.9 % could still be there" in told and "up to 11.6 % could still be there" in told
    assert "34.6 to 59.1 %" in told and "43.7 to 83.7 %" in told
    assert told.index("Placebo, Olsen 2002") < told.index("Minoxidil 5 % solution, Olsen 2002")
    assert "never pooled" in told and not re.search(r"\bp [=<]|significan|p-value|None|nan", told)
    assert page.count("<svg") == 2 and "style=" not in page


def test_own_interval_stands_beside() -> None:
    """As a row and a square of its own, last; without an interval where there is none."""
    own = Own("This clinic", "Month 6", Estimate(12.3, Interval(4.1, 20.5), 17))

    page = drawn(beside([own]))
    assert page.count('class="p-square"') == 2
    assert "This clinic 17 Month 6 +12.3" in words(beside([own])) and "+4.1 to +20.5" in words(beside([own]))
    few = Own("This clinic", "<Month 6>", Estimate(12.3, NoAnswer("Fewer than 5 patients."), 4))
    assert "Fewer than 5 patients." in words(beside([few]))
    assert "<Month 6>" not in drawn(beside([few]))
