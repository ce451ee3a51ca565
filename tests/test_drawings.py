"""The drawings a clinician picks a stage by: all there, as the script draws them, and large enough to tap."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from scripts.drawing import scalp_map
from scripts.drawing.curves import dense, inside
from treatments.assessments.scales.catalogue import SCALES
from treatments.photos.vocabulary import STANDARD_VIEWS, pictogram

TOP = Path(__file__).resolve().parents[1]
HOME = TOP / "static" / "drawings"
FILES = sorted(HOME.glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def test_stages_with_a_drawing_have_files():
    """Every stage with a drawing has its files."""
    wanted = {stem for scale in SCALES.values() for stage in scale.stages for stem in stage.drawings}
    assert wanted, "no stage names a drawing"
    assert {stem for stem in wanted if not (HOME / f"{stem}.svg").is_file()} == set()


def test_standard_views_have_pictograms():
    """Every standard view has its pictogram."""
    assert {view for view in STANDARD_VIEWS if not (HOME / f"{pictogram(view)}.svg").is_file()} == set()


def test_committed_drawings_are_current(tmp_path):
    """The committed files are what the script draws."""
    subprocess.run([sys.executable, TOP / "scripts" / "draw.py", tmp_path], check=True, capture_output=True)
    drawn = {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()}
    kept = {p.name: p.read_text(encoding="utf-8") for p in HOME.iterdir()}
    assert sorted(drawn) == sorted(kept)
    assert [name for name in drawn if drawn[name] != kept[name]] == []


@pytest.mark.parametrize("file", FILES, ids=lambda p: p.stem)
def test_drawing_title_and_content_policy(file):
    """A drawing has a title and obeys the content policy."""
    root = ET.parse(file).getroot()  # noqa: S314 - our own file
    assert root.findtext(f"{SVG}title"), "a screen reader would say nothing"
    assert root.findtext(f"{SVG}desc")
    for element in root.iter():
        assert element.tag not in (f"{SVG}style", f"{SVG}script")
        refused = [name for name in element.attrib if name == "style" or name.startswith("on")]
        assert refused == [], f"{element.tag} carries {refused}"


@pytest.mark.parametrize("file", FILES, ids=lambda p: p.stem)
def test_drawing_alone_has_its_colours(file):
    """A drawing opened alone has its colours."""
    root = ET.parse(file).getroot()  # noqa: S314 - our own file
    assert root.get("color"), "currentColor would be left to the browser"
    shapes = [element for element in root.iter(f"{SVG}path")]
    assert shapes
    assert [s for s in shapes if s.get("fill") is None and s.get("stroke") is None] == []


def test_no_two_stages_share_one_picture():
    bodies = [p.read_text(encoding="utf-8").split("</desc>")[1] for p in FILES]
    assert len(set(bodies)) == len(FILES)


@pytest.mark.parametrize("name", scalp_map.NAMES)
def test_map_regions_fit_a_finger(name):
    """A square of 44 CSS px fits into what can be tapped when the map is 300 px wide."""
    side = 44 / (300 / scalp_map.BOX[2])
    edge = [p for run in scalp_map.regions(scalp_map.OUTSIDE)[name] for p in dense(run)]
    left, top, width, height = scalp_map.BOX

    def fits(x: float, y: float) -> bool:
        steps = [k / 6 * side for k in range(7)]
        around = [(x + a, y + b) for a in steps for b in steps]
        within = all(left <= px <= left + width and top <= py <= top + height for px, py in around)
        return within and all(inside(p, edge) for p in around)

    corners = [(left + k * 0.5, top + j * 0.5) for k in range(int(width * 2)) for j in range(int(height * 2))]
    assert any(fits(x, y) for x, y in corners if inside((x, y), edge))


def test_the_map_names_every_region_once():
    root = ET.parse(HOME / "scalp-map.svg").getroot()  # noqa: S314 - our own file
    groups = [g for g in root.iter(f"{SVG}g") if g.get("data-region")]
    assert [g.get("data-region") for g in groups] == list(scalp_map.NAMES)
    for g in groups:
        assert g.findtext(f"{SVG}title")
        assert [p.get("class") for p in g.iter(f"{SVG}path")] == ["region-tap", "region"]
