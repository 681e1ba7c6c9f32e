"""Tools shared by figures: the page, its style, marks, axes and colours."""
