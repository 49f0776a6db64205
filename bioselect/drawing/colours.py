"""Colours that people who see colours differently can tell apart.

Okabe, Ito (2008), "Color universal design: how to make figures and presentations that are
friendly to colorblind people". Where colour says something, so does something else: a line's
dashes, a mark's shape, a word.
"""

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, SKY, AMBER = "#CC79A7", "#56B4E9", "#E69F00"
BLACK, GREY, LIGHT = "#000000", "#666666", "#dddddd"

#: In this order for one thing after the other.
IN_TURN = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY)
