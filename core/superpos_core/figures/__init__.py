"""The figures of a run, for print: one small file a figure; ``registry`` lists them.

This package itself imports nothing, so that matplotlib is paid for when something is drawn.
"""
