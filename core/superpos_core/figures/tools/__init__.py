"""What figures share: the page, its style, marks, axes and colours."""
