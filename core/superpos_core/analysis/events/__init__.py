"""What happened in a run, found by rules in the timeline of one lane and in its losses.

One file for each kind of rule; ``log`` knows them all.
"""
