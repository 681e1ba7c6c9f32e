"""The terminal program: a live instrument for toy models of superposition."""

import os

# Numpy's linear algebra would start threads that spin on the cores that training needs; on matrices
# as small as ours they only lose. It reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long a key that has been obeyed waits to be shown: the default is up to 17 ms.
os.environ.setdefault("TEXTUAL_FPS", "120")

# Figures have canvases and settings of their own. A backend that a notebook or a shell has chosen
# may not be there, and a file of settings may be broken: matplotlib could not even be imported.
os.environ["MPLBACKEND"] = "agg"
os.environ["MATPLOTLIBRC"] = os.devnull
