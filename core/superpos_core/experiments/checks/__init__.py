"""Checks: what an experiment should show, said in advance and asked of the trained weights.

A check has words for what is expected and a pure function that looks at a record. Its verdict
holds both, what was expected and what was seen, whether they agree or not. A run that was given
other settings may hold nothing that a check asks for; then its verdict says so, and is neither a
pass nor a miss.

Where an experiment restarts a setting from several seeds, a check looks at the restart with the
least recent loss.

A check should exclude what it claims to exclude. Counts of features and angles between them come
out right by chance, or in weights of any length, so checks of them can ask for a loss, and those of
shapes ask for lengths. Bounds are farther apart than losses over a sample scatter.
"""
