"""The CPU engine: one compiled kernel that trains lanes, many steps per call, without the GIL.

Bottom up: simd (vectors), tiles (matrix products on them), exponential and activations,
specialisation (decided at compile time), layout (memory of lanes), random, sampling and rows
(data), workspace (scratch memory), block, entries and gradients (the computation of a step),
descent (optimisers), kernel (the training loop), cache (compiled code on disk), threads,
cohort (the public interface).

Importing this package is cheap; importing `cohort` imports numba.
"""
