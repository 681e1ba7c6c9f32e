"""The figures of a run, for print: one small file per figure; ``registry`` lists them.

This package imports nothing itself, so that matplotlib is only loaded when something is drawn.
"""
