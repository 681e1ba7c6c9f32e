"""Events of a run, detected by rules in the timeline and losses of one lane.

One file per kind of rule; ``log`` collects them.
"""
