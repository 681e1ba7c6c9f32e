"""Starting from given weights, such as those of someone else's model, in place of random ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.truth import model_config
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class GivenStart:
    """The weights at step 0 of the run called ``name``: parameters by model, for all of its lanes.

    Other models of the run, and other runs, start as usual. In a run of dictionaries they are the
    weights of the models that these read.
    """

    name: str
    parameters: Mapping[str, Parameters]

    def begin(self, engine: Engine, config: ExperimentConfig) -> Engine:
        """The engine of ``config``, at step 0, with these weights.

        If the config has other sizes or lanes than they have, closes the engine and raises
        ``InvalidValue``.
        """
        if config.name != self.name or config.kind == DICTIONARIES:
            return engine
        try:
            self.check(config)
            for model in config.models:
                if model in self.parameters:
                    engine.start_from(model, self.parameters[model])
        except BaseException:
            engine.close()
            raise
        return engine

    def check(self, config: ExperimentConfig) -> None:
        """Raise ``InvalidValue`` if a run of this config cannot start from these weights."""
        of_models = model_config(config) if config.kind == DICTIONARIES else config
        for model in of_models.models:
            if model in self.parameters:
                self._check_sizes(of_models, model)

    def _check_sizes(self, config: ExperimentConfig, model: str) -> None:
        lanes, features, hidden = self.parameters[model].encoder.shape
        for name, given, wanted in (
            ("features", features, config.features),
            ("hidden", hidden, config.hidden),
            ("sparsity", lanes, len(config.lanes_of(model))),
        ):
            if given != wanted:
                what = "lanes" if name == "sparsity" else name
                reason = f"the weights to start from have {given} {what}, not {wanted}"
                raise InvalidValue(name, wanted, reason, "as many, or another experiment")
