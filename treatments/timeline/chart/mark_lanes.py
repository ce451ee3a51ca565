"""The lanes of marks that lead somewhere: sessions with what is planned, and photos."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from treatments.timeline.chart.label_placement import Wish, place_all
from treatments.timeline.chart.svg_canvas import CLEAR, FINGER, MANY, SHARED, TARGET, Sheet, px
from treatments.timeline.chart.text import counted, lowered, phase_words, plain, volume
from treatments.timeline.chart.text_metrics import Box, Lines, Place, Words, balance, label_box, text_width
from treatments.timeline.chart.time_scale import Cluster, cluster, month_name, rooms, spread
from treatments.timeline.chart.types import ChartCourse, PhotoMark, PlannedWindow, SessionTick

MOST_PHOTOS = 12
PHOTO_GAP = 4  # px between two thumbnails
TICK_APART = 3  # px; ticks nearer than this fall into one
NUMBER_STEPS = (1, 2, 3, 5, 10, 20, 50, 100)
MOST_RUNS = 9  # more changes of phase than this are not written out
FIRST_PHASE = "induction"


def draw_sessions(sheet: Sheet, course: ChartCourse, top: float) -> float:
    """Gives the y below the lane. A solid tick is a session of the planned series, a hollow one a
    later session; a hatched band is a stretch in which something is planned."""
    sessions = sorted(course.sessions, key=lambda s: (s.day, s.number))
    begins, words_end = sheet.lane(top, "Sessions", _about_sessions(sheet, sessions))
    base = begins + 48 if not sheet.form.narrow else begins + 40
    bands = [_draw_band(sheet, window, base) for window in course.planned]
    _draw_ticks(sheet, sessions, base)
    _write_numbers(sheet, sessions, base)
    if any(s.phase != FIRST_PHASE for s in sessions):
        _write_phases(sheet, sessions, base)
    for window, band in sorted(zip(course.planned, bands, strict=True), key=lambda p: p[0].first):
        _name_band(sheet, course, window, band, base)
    lowest = max((box.bottom for box in sheet.taken if box.top > base), default=base)
    if not sessions and not course.planned:
        sheet.say(sheet.axis.x(course.baseline) + 8, begins + 24, "none yet")
    groups = cluster(sessions, lambda s: sheet.axis.x(s.day), TARGET if len(sessions) <= MANY else SHARED)
    for group, room in zip(groups, rooms(groups, FINGER if len(sessions) <= MANY else SHARED), strict=True):
        _link_sessions(sheet, course, group, room, base)
    return sheet.close(max(lowest + 8, base + 16), words_end)


def _about_sessions(sheet: Sheet, sessions: list[SessionTick]) -> list[str]:
    if not sessions:
        return []
    phases = Counter(phase_words(s) for s in sessions)
    if len(phases) == 1 or sheet.form.narrow:
        return [f"{len(sessions)}, {volume(sessions)}"]
    return [*(f"{number} {phase}" for phase, number in phases.items()), volume(sessions)]


def _draw_ticks(sheet: Sheet, sessions: list[SessionTick], base: float) -> None:
    solid = hollow = lines = ""
    all_places = [sheet.axis.x(s.day) for s in sessions]
    is_crowded = any(b - a < 8 for a, b in zip(all_places[5:], all_places[6:], strict=False))
    for phase, run in groupby(sessions, key=lambda s: s.phase):
        places = [sheet.axis.x(s.day) for s in run]
        drawn = float("-inf")
        for x in places:
            if x - drawn < TICK_APART:
                continue
            drawn = x
            if phase == FIRST_PHASE:
                solid += f"M{px(x)} {px(base - 16)}v16"
            elif is_crowded:
                hollow += f"M{round(x)} {round(base - 16)}v16"
            else:
                hollow += f"M{px(x - 2)} {px(base - 15.5)}h4v15h-4z"
        if places[-1] - places[0] > TICK_APART and (phase == FIRST_PHASE or not is_crowded):
            lines += f"M{px(places[0])} {px(base)}H{px(places[-1])}"
        sheet.take(Box(places[0] - 4, base - 16, places[0] + 4, base + 1))
    sheet.path(lines, "c-base")
    sheet.path(hollow, "c-later")
    sheet.path(solid, "c-session")


def _write_numbers(sheet: Sheet, sessions: list[SessionTick], base: float) -> None:
    """Every number, or every second, fifth, tenth …, and always the last."""
    if not sessions:
        return
    marks = [(sheet.axis.x(s.day), str(s.number), s.number) for s in sessions]
    last_x, last, _ = marks[-1]
    between = 4 if len(sessions) <= MANY else 16
    for step in NUMBER_STEPS:
        chosen = [(x, text) for x, text, number in marks if number % step == 0 or number == 1]
        room = (text_width(last, 13, strong=True) + between) if chosen else 0
        chosen = [(x, text) for x, text in chosen if x <= last_x - room] + [(last_x, last)]
        if all(
            b[0] - a[0] >= (text_width(a[1], 13, True) + text_width(b[1], 13, True)) / 2 + between
            for a, b in zip(chosen, chosen[1:], strict=False)
        ):
            break
    sheet.row(base - 23, "c-val", _off_today(sheet, chosen, base - 23))


def _off_today(sheet: Sheet, chosen: list[tuple[float, str]], y: float) -> list[tuple[float, str]]:
    """The number of a session given today stands beside the line of today, if there is room for it."""
    moved: list[tuple[float, str]] = []
    for x, text in sorted(chosen, key=lambda each: len(sheet.beside_today(each[0], _half(each[1])))):
        places = sheet.beside_today(x, _half(text))
        for near in places:
            box = label_box((near, y, "middle"), [Words(text, "c-val", 13)])
            if len(places) == 1 or sheet.is_free(box):
                sheet.take(box)
                moved.append((near, text))
                break
    return sorted(moved)


def _half(number: str) -> float:
    return text_width(number, 13, strong=True) / 2 + 2


def _write_phases(sheet: Sheet, sessions: list[SessionTick], base: float) -> None:
    """The name of each phase under its sessions, the first run of each kind before the others."""
    runs = [list(run) for _, run in groupby(sessions, key=lambda s: s.phase)]
    if len(runs) > MOST_RUNS:
        return
    firsts = {run[0].phase: number for number, run in reversed(list(enumerate(runs)))}
    order = sorted(range(len(runs)), key=lambda n: (n not in firsts.values(), n))
    for number in order:
        run = runs[number]
        left, right = sheet.axis.x(run[0].day), sheet.axis.x(run[-1].day)
        words = [Words(phase_words(run[0]), "c-sub")]
        half = words[0].width / 2 + 4
        middle = min(max((left + right) / 2, half), sheet.form.width - half)
        places: list[Place] = [(near, base + 17, "middle") for near in sheet.beside_today(middle, half)]
        places += [(left, base + 17, "start"), (right, base + 17, "end")]
        sheet.write_where_free([words], places)


def _draw_band(sheet: Sheet, window: PlannedWindow, base: float) -> Box:
    left, right = sheet.axis.x(window.first), sheet.axis.x(window.last)
    if right - left < 8:
        left, right = (left + right) / 2 - 4, (left + right) / 2 + 4
    band = Box(left, base - 16, right, base)
    sheet.rect(band, "c-window", f' fill="{sheet.hatch}"')
    return band


def _name_band(sheet: Sheet, course: ChartCourse, window: PlannedWindow, band: Box, base: float) -> None:
    first, last = (month_name(course.baseline, d) for d in (window.first, window.last))
    until = f" to {last.removeprefix('Month ')}" if last != first else ""
    wordings = (f"{window.label}, {first}{until}", window.label, window.label.split(" ")[0])
    places: list[Place] = [
        (band.left, base - 24, "start"),
        (band.right, base - 24, "end"),
        (band.left, base + 17, "start"),
        (band.right, base + 17, "end"),
    ]
    if sheet.today:
        behind = sheet.today.right + CLEAR
        places += [(behind, base - 24, "start"), (behind, base + 17, "start")]
    if sheet.write_where_free([[Words(text)] for text in wordings], places) is None:
        sheet.left_out += 1


def _link_sessions(sheet: Sheet, course: ChartCourse, group: Cluster[SessionTick], room: float, base: float) -> None:
    first, last = group.items[0], group.items[-1]
    when = f"{month_name(course.baseline, first.day)}, {course.spelled(first.day)}"
    if first is last:
        amount = "volume not recorded" if first.total_ml is None else f"{plain(first.total_ml)} mL"
        label = f"Session {first.number}, {when}, {amount}"
    else:
        label = f"Sessions {first.number} to {last.number}, from {when}, {volume(group.items)}"
    sheet.link(first.url, label, Box(group.x - room / 2, base - 38, group.x + room / 2, base + 6))


def draw_photos(sheet: Sheet, course: ChartCourse, top: float) -> float:
    """Gives the y below the lane. A short tick for every day with photos; whole frames of as many
    as have room, the first and the last among them."""
    photos = sorted(course.photos, key=lambda p: p.day)
    places = [sheet.axis.x(p.day) for p in photos]
    side = _side(sheet, places)
    middles = [min(max(x, side / 2 + 2), sheet.form.width - side / 2 - 2) for x in places]
    reach = places[-1] - places[0] if photos else 0
    shown = spread(middles, max(side + PHOTO_GAP, reach / (MOST_PHOTOS - 1)))
    begins, words_end = sheet.lane(top, "Photos", _about_photos(photos, len(shown)))
    if not photos:
        sheet.say(sheet.axis.x(course.baseline) + 8, begins + 24, "none yet")
        return sheet.close(begins + 40, words_end)
    row = begins + 6
    _draw_photo_ticks(sheet, places, row)
    for number in shown:
        _draw_photo(sheet, course, photos[number], middles[number], row + 8, side)
    ends = row + 8 + side
    wishes = [_word(sheet, photos[number].word, middles[number], ends + 14, side) for number in shown]
    placed = place_all(sheet.room, [wish for wish in wishes if wish])
    for label in placed:
        if label:
            ends = max(ends, sheet.write(label).bottom)
    sheet.left_out = sum(label is None for label in placed)
    return sheet.close(ends + 10, words_end)


def _word(sheet: Sheet, word: str, x: float, y: float, side: int) -> Wish | None:
    """What may be said of a change, below the photograph it is said of, in as few lines as there is room for."""
    if not word:
        return None
    wordings = [[Words(line, "c-sub") for line in balance(lowered(word), width)] for width in (side * 1.8, side)]

    def places(lines: Lines) -> list[Place]:
        half = max(line.width for line in lines) / 2 + CLEAR
        held = min(max(x, sheet.wall + half), sheet.form.width - half)
        return [(near, y, "middle") for near in sheet.beside_today(held, half) if abs(near - x) <= 0.8 * side]

    return Wish(wordings, places)


def _side(sheet: Sheet, places: list[float]) -> int:
    """Thumbnails a little smaller, if that shows them all."""
    nearest = min((b - a for a, b in zip(places, places[1:], strict=False)), default=sheet.form.width)
    fitting = int(nearest - PHOTO_GAP)
    return min(fitting, sheet.form.photo) if fitting >= FINGER and len(places) <= MOST_PHOTOS else sheet.form.photo


def _about_photos(photos: list[PhotoMark], shown: int) -> list[str]:
    if len(photos) > shown:
        return [f"{len(photos)} sets, {shown} shown"]
    return [counted(shown, "set")] if photos else []


def _draw_photo_ticks(sheet: Sheet, places: list[float], y: float) -> None:
    ticks, drawn = "", float("-inf")
    for x in places:
        if x - drawn >= TICK_APART:
            ticks += f"M{round(x)} {px(y)}v5"
            drawn = x
    sheet.path(ticks, "c-taken")


def _draw_photo(sheet: Sheet, course: ChartCourse, photo: PhotoMark, x: float, y: float, side: int) -> None:
    box = Box(x - side / 2, y, x + side / 2, y + side)
    month = month_name(course.baseline, photo.day)
    views = photo.label.removeprefix("Photos: ")
    told = (f"Photos, {month}", course.spelled(photo.day), views, lowered(photo.word))
    label = ", ".join(filter(None, told))
    where = f'x="{px(box.left)}" y="{px(box.top)}" width="{side}" height="{side}"'
    if photo.thumb_url:
        inside = sheet.image(photo.thumb_url, where)
    else:
        words = f'<text x="{px(x)}" y="{px(y + side / 2 + 4)}" class="c-sub" text-anchor="middle">photos</text>'
        inside = f'<rect {where} class="c-blank"/>{words}'
    frame = Box(box.left - 2, box.top - 2, box.right + 2, box.bottom + 2)
    sheet.link(photo.url, label, frame, inside)
