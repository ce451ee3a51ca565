"""Measures what Anagen promises, and prints every figure, one a line, as `name value unit (bar)`.

    python scripts/bench.py                      everything; about a quarter of an hour
    python scripts/bench.py scale                one part: pages, scale, years, audit, outcomes, images,
                                                 faults, uploads, routine, saves
    python scripts/bench.py pages --only timeline --repeats 20
    python scripts/bench.py scale --patients 10000 --only search --repeats 20 --database sqlite

Clinics are seeded in throw-away databases and deleted afterwards. Ratios and counts have bars, absolute times have
none: they belong to the machine. Ends with status 1 when a figure falls short or cannot be measured.
"""

import argparse
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from scripts.benching import (  # noqa: E402 -- only after the line above
    audit_trail,
    others,
    outcomes,
    patient_pages,
    patient_years,
    saves,
    scale,
)
from scripts.benching.figures import Figures  # noqa: E402

PARTS = ["pages", "scale", "years", "audit", "outcomes", "images", "faults", "uploads", "routine", "saves"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--patients", type=int, default=100_000, help="patients of the large clinic")
    parser.add_argument("--repeats", type=int, default=40, help="visits of each page of each clinic")
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    figures, begun = Figures(), time.monotonic()
    vendors = [options.database] if options.database else ["sqlite", "postgresql"]
    for part in options.parts or PARTS:
        if part == "pages":
            patient_pages.measure(figures, repeats=options.repeats, only=options.only)
        elif part == "years":
            patient_years.measure(figures)
        elif part == "audit":
            for vendor in vendors:
                audit_trail.measure(vendor, figures, repeats=min(options.repeats, 5), only=options.only)
        elif part == "outcomes":
            for vendor in vendors:
                outcomes.measure(vendor, figures, large=options.patients, repeats=min(options.repeats, 5))
        elif part == "scale":
            for vendor in vendors:
                scale.measure(vendor, figures, large=options.patients, repeats=options.repeats, only=options.only)
        elif part == "saves":
            saves.measure(figures)
        else:
            others.measure(part, figures)
    print(f"\n{(time.monotonic() - begun) / 60:.1f} minutes", flush=True)
    for sentence in figures.fallen_short:
        print(f"FELL SHORT: {sentence}")
    if not figures.fallen_short:
        print("every figure meets its bar")
    return 1 if figures.fallen_short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
