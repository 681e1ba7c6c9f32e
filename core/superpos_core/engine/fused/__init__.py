"""The CPU engine: one compiled kernel that trains whole lanes, many steps a call, without the GIL.

From the ground up: simd (vectors), tiles (matrix products on them), exponential and activations,
specialisation (what is decided at compile time), layout (memory of lanes), random, sampling and
rows (data), workspace (scratch memory), block, entries and gradients (what a step computes),
descent (optimisers), kernel (the training loop), cache (compiled code on disk), dealing (threads),
cohort (what to use from outside).

Importing this package is cheap; importing `cohort` imports numba.
"""
