"""What keys, clicks and commands do, by subject; each object holds what it acts on.

``named`` maps the names in the key table to actions. The actions of a view are in its own folder.
"""
