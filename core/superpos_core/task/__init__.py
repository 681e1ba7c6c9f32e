"""What is to be learned, how, and what is varied: config, models, data, optimisers, starts."""
