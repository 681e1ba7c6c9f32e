"""Checks: what an experiment should show, stated in advance and tested on the trained weights.

A check describes in words what is expected and has a pure function that observes a record. Its
verdict holds both the expected and the observed, whether they agree or not. A check may not apply
to a run with other settings; its verdict then says so, and is neither a pass nor a miss.

If an experiment restarts a setting from several seeds, a check uses the restart with the lowest
recent loss.

A check should exclude what it claims to exclude. Feature counts and angles can be right by chance,
or in weights of any length, so checks of counts can bound the loss, and checks of shapes bound the
norms. Bounds are wider than the scatter of losses over a sample.
"""
