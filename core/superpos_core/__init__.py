"""The science of superpos-tui, as a library: models, data, training, measures and figures.

It does not depend on a terminal and can be used from a notebook::

    from superpos_core.experiments import experiment_named
    from superpos_core.training.run import train

    snapshot = train(experiment_named("twenty").config)

Notation (Elhage et al. 2022, *Toy Models of Superposition*): n features are embedded in m hidden
dimensions; a feature is zero with probability S, the sparsity; W is stored with shape (n, m), one
row per feature, so the n × n matrix is W·Wᵀ (the paper's WᵀW).
"""
