"""What keys, clicks and commands do, by subject; each object holds what it acts on.

``named`` gives, by the name that the table of keys has for it, what can be done. What belongs to a
view is in the view's own room.
"""
