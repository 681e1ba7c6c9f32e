"""The science of superpos-tui, as a library: models, data, training, measures and figures.

It knows nothing of a terminal, so that a notebook can use it too::

    from superpos_core.experiments import experiment_named
    from superpos_core.training.run import train

    snapshot = train(experiment_named("twenty").config)

Words used everywhere (Elhage et al. 2022, *Toy Models of Superposition*): n features are squeezed
into m hidden dimensions; a feature is zero with probability S, the sparsity; W is stored with
shape (n, m), one row per feature, so that the square picture is W·Wᵀ (the paper's WᵀW).
"""
