"""The kernel that trains dictionaries: whole steps of a lane, on rows that are drawn before."""
