"""Measures that several views share; a view's own measures are in its folder."""
