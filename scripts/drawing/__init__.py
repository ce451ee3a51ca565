"""Anagen's own drawings: geometry as data, one small SVG for each figure.

Every head lives in a 120 x 120 box, written out in tenths (viewBox 1200). Top views have the forehead up, so the
patient's left is on the left; side views face left. The mid-coronal line, from ear canal to ear canal, is y = 60 from
above and x = 60 from the side. One centimetre is about 5 units from above and 4.5 from the side.
"""
