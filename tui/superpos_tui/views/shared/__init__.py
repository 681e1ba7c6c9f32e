"""Code shared by the panels of several views."""
