"""The compare page on drawn photographs of known pose, without a record behind it.

The two drawings show one scene; the later is turned, zoomed and shifted against the earlier by
`POSE` and lit differently. A pure red disc lies on the whorl in both, so that a test can find it
on the screen and see whether the photographs move together.
"""

import io
import json
import uuid
from types import SimpleNamespace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from PIL import Image, ImageDraw

from clinic.urls import urlpatterns as pages
from tests.photos.simulated_heads import nudge
from treatments.photos.compare.alignment import (
    LANDMARK_LABELS,
    LANDMARKS_BY_VIEW,
    Alignment,
    Landmarks,
    align,
    label_for,
    landmark_names_for,
)
from treatments.photos.compare.capture_card import CaptureCard
from treatments.photos.compare.comparability import compare_cards
from treatments.photos.compare.geometry import Point

POSE = nudge(about=(800, 800), turn_deg=4, zoom=1.03, dx=45, dy=-30)
"""Carries a spot of the earlier drawing to where the later one shows it."""
SPOTS: dict[str, Point] = {
    "whorl": (820, 860),
    "mark_a": (600, 690),
    "mark_b": (1020, 770),
    "hairline": (800, 330),
}
PATCH: Point = (150, 1450)
PATCH_COLOURS = {"earlier": (170, 170, 170), "later": (150, 132, 118)}
SWATCHES: dict[Point, tuple[int, int, int]] = {
    (1405 + 50 * (i % 4), 325 + 50 * (i // 4)): (8 + 2 * i, 6 + 3 * i // 2, 5 + i) for i in range(72)
}
"""Colours of dark hair, in squares of 50 px beside the head, in the same place of every drawing."""
DATES = ("month-0", "month-3", "month-6", "month-9", "month-12")


def later_of(point: Point) -> Point:
    return POSE.apply(point)


def drawing(date: str) -> bytes:
    """A 1600 px PNG: head, landmarks, the red disc, a grey patch lit warm in the later ones."""
    is_later = date != DATES[0]
    place = later_of if is_later else lambda point: point
    picture = Image.new("RGB", (1600, 1600), (196, 190, 184) if is_later else (206, 206, 206))
    draw = ImageDraw.Draw(picture)

    def disc(at: Point, radius: float, colour: tuple[int, int, int]) -> None:
        x, y = place(at)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    disc((800, 800), 560, (62, 48, 40))
    for spot in SPOTS.values():
        disc(spot, 26, (150, 120, 100))
    disc(SPOTS["whorl"], 14, (255, 0, 0))
    x, y = PATCH
    draw.rectangle((x - 90, y - 90, x + 90, y + 90), fill=PATCH_COLOURS["later" if is_later else "earlier"])
    for (x, y), colour in SWATCHES.items():
        draw.rectangle((x - 25, y - 25, x + 24, y + 24), fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def marked() -> Landmarks:
    return Landmarks(SPOTS, {name: later_of(spot) for name, spot in SPOTS.items()})


def side(date: str) -> dict[str, object]:
    month = date.replace("month-", "Month ")
    return {
        "id": date,
        "src": f"/drawn/{date}.png",
        "thumb": f"/drawn/{date}.png",
        "width": 1600,
        "height": 1600,
        "month": month,
        "date": "14 Jan 2025",
        "session": "baseline" if date == DATES[0] else "after session",
        "alt": f"Vertex, {month}, drawn.",
    }


@login_not_required
def picture(request: HttpRequest, date: str) -> HttpResponse:
    return HttpResponse(drawing(date), content_type="image/png")


@login_not_required
def kept(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST["alignment"], content_type="text/plain")


@login_not_required
def viewer(request: HttpRequest, later: str, aligned: str) -> HttpResponse:
    landmarks = marked() if aligned == "aligned" else Landmarks()
    return render(request, "treatments/photos/compare/compare.html", context(later, aligned, landmarks))


def context(later: str, aligned: str, landmarks: Landmarks) -> dict[str, object]:
    found = align(landmarks)
    card = CaptureCard(label="Month 0", view="vertex")
    return {
        "patient": SimpleNamespace(name="Made Up", record_number="T-1", pk=uuid.UUID(int=1), get_absolute_url="/"),
        "view": SimpleNamespace(value="vertex", label="Vertex"),
        "views": [("vertex", "Vertex", True)],
        "earlier": side(DATES[0]),
        "later": side(later),
        "earlier_choices": [(DATES[0], "Month 0", True)],
        "later_choices": [(date, side(date)["month"], date == later) for date in DATES[1:]],
        "dates": [dict(side(date), **strip(date, later, aligned)) for date in DATES],
        "verdict": compare_cards(card, card, alignment=found),
        "suggestion": None,
        "alignment": found,
        "alignment_label": label_for(found),
        "landmarks_json": json.dumps(landmarks.as_dict()),
        "viewer_json": viewer_json(found),
        "landmarks": [
            (name, LANDMARK_LABELS[name], name in LANDMARKS_BY_VIEW["vertex"]) for name in landmark_names_for("vertex")
        ],
        "can_align": True,
        "save_url": "/drawn/keep",
        "forget_url": "/drawn/keep",
        "export_url": "",
    }


def strip(date: str, later: str, aligned: str) -> dict[str, str]:
    role = "earlier" if date == DATES[0] else "later" if date == later else ""
    return {
        "role": role,
        "url": f"/drawn/{date}/{aligned}" if role != "earlier" else "#",
        "alignment_label": "Not aligned",
    }


def viewer_json(found: Alignment | None) -> str:
    if found is None:
        return ""
    values = {"state": found.state, "names": found.names, "transform": found.transform.as_dict()}
    return json.dumps({**values, "residual": found.residual_px, "byHand": found.by_hand})


urlpatterns = [
    *pages,
    path("drawn/keep", kept),
    path("drawn/<str:date>.png", picture),
    path("drawn/<str:later>/<str:aligned>", viewer),
]
