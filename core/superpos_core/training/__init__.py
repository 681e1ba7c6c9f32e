"""Who drives: the loop, the jobs that it can do, commands, pace."""
