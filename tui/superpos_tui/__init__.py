"""The terminal program: a live instrument for toy models of superposition."""

import os

# Numpy's linear algebra would start threads that spin on the cores that training needs; on such
# small matrices they only slow things down. It reads this on its first import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Limits how long the effect of a key waits to be shown: by default up to 17 ms.
os.environ.setdefault("TEXTUAL_FPS", "240")

# Figures have their own canvases and settings. A backend chosen by a notebook or a shell may be
# missing, and a settings file may be broken: then matplotlib could not even be imported.
os.environ["MPLBACKEND"] = "agg"
os.environ["MATPLOTLIBRC"] = os.devnull
