"""The colours of all pictures.

The curves' colours are those of Okabe and Ito (2008, "Color Universal Design"), which
stay apart for readers with any common kind of colour blindness; their yellow is left
out because it fades on white. Nothing is told by colour alone: boxes differ in shape
too, curves in their dashes.
"""

CURVES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")

INK = "#1F2933"  # text
LIGHT_INK = "#E4E7EB"  # text around axes that are given, on a dark figure
SOFT_INK = "#52606D"  # second lines, captions
FAINT = "#D5DBE1"  # grids
WIRE = "#7B8794"  # edges and arrows

# Fill and outline of each kind of value in a graph, and of each kind of layer.
BLUE = ("#DCEBF7", "#0072B2")
ORANGE = ("#FCE3C5", "#B35C00")
GREY = ("#F1F3F5", "#A3ADB8")
