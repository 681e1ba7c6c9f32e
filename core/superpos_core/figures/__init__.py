"""The figures of a run, for print: one small file a figure.

``registry`` lists them. Only ``provenance`` can be imported without matplotlib.
"""
