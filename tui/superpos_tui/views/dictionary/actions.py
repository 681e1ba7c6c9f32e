"""What the keys of the dictionary view do."""

from collections.abc import Mapping

from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.measures.dictionaries import latent_order
from superpos_tui.views.dictionary.state import DictionaryState, SelectLatent
from superpos_tui.views.dictionary.words import nearest_feature


class DictionaryActions:
    """Select latents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {"move_latent": self.move_latent}

    def move_latent(self, columns: int) -> None:
        """Select the next or previous latent in matched order, starting with the first one."""
        scene = self._desk.current.scene
        if scene is None or not isinstance(scene.snapshot.record, DictionaryRecord):
            self._desk.refuse("no dictionary yet")
            return
        order = scene.of(latent_order).tolist()
        selected = scene.options.of(DictionaryState).latent
        place = 0 if selected is None else (order.index(selected) + columns) % len(order)
        latent = order[place]
        self._desk.current.change(SelectLatent(latent, nearest_feature(scene, latent)))
