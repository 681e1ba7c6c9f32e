"""Keys bound otherwise: in the app, in the footer and in help; and what is refused."""

from collections import Counter
from dataclasses import replace

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, until

from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial
from superpos_tui.app import SuperposApp
from superpos_tui.bars.keys import place_keys
from superpos_tui.dialogs.help import help_chapters
from superpos_tui.keys import table_of_keys
from superpos_tui.settings.rebinding import by_precedence, rebound
from superpos_tui.settings.start import Settings
from superpos_tui.views.key import Key
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())


def key(identifier: str, keys: tuple[Key, ...]) -> Key:
    return next(each for each in keys if each.id == identifier)


def test_every_key_has_an_id_of_its_own() -> None:
    """If this fails, give the new key a name."""
    assert [name for name, count in Counter(each.id for each in KEYS).items() if count > 1] == []


def test_only_the_keys_named_change_and_are_shown_as_they_are_typed() -> None:
    changed = rebound(KEYS, {"pause": ["ctrl+r", ";"], "undo": ["Alt+Left"], "quit": [" "]})
    assert (key("pause", changed).keys, key("pause", changed).shown) == (
        "ctrl+r,semicolon",
        "ctrl+r ;",
    )
    assert key("undo", changed).shown == "alt+←"
    assert key("quit", changed).keys == "space"
    others = [each for each in changed if each.id not in ("pause", "undo", "quit")]
    assert others == [each for each in KEYS if each.id not in ("pause", "undo", "quit")]
    assert rebound(KEYS, {}) == KEYS


def test_every_key_can_be_bound_to_itself() -> None:
    assert [each.names for each in rebound(KEYS, {k.id: k.keys.split(",") for k in KEYS})] == [
        each.names for each in KEYS
    ]


@pytest.mark.parametrize(
    ("bindings", "told"),
    [
        ({"pauze": ["p"]}, "pauze: there is no such key, did you mean pause"),
        ({"pause": ["r"]}, "pause r: reseed has that key too"),
        ({"pause": ["h"], "undo": ["ctrl+o", "h"]}, "undo h: pause has that key too"),
        ({"attack": ["backspace"]}, "attack ⌫: clear-probe has that key too"),
        ({"replay": ["home"]}, "replay home: scrub-to-start has that key too"),
        ({"pause": ["ctrl+c"]}, "pause ctrl\\+c: it always is interrupt"),
        ({"pause": ["ctrl+p"]}, "pause ctrl\\+p: it always is command-palette"),
        ({"pause": ["contrl"]}, "pause contrl: there is no such key"),
        ({"pause": ["й"]}, "pause й: that is read as q on a Latin keyboard"),
        ({"pause": ["\n"]}, "pause"),
    ],
)
def test_what_cannot_be_bound_is_told(bindings: dict[str, list[str]], told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        rebound(KEYS, bindings)


def test_two_keys_may_be_exchanged_and_a_view_may_have_what_is_bound_elsewhere() -> None:
    rebound(KEYS, {"pause": ["r"], "reseed": ["space"]})
    changed = rebound(KEYS, {"attack": ["m"], "replay": ["space"]})
    order = [each.id for each in by_precedence(changed)]
    assert order.index("attack") < order.index("next-model")
    assert order.index("replay") < order.index("pause")


def test_the_footer_and_the_help_show_what_is_bound() -> None:
    changed = rebound(KEYS, {"pause": ["ctrl+r"]})
    assert key("pause", changed) in [each for _, each in place_keys(changed, 150, False, "live")]
    titles = {name: name for view in VIEWS.values() for name in view.panels}
    chapters = help_chapters(changed, VIEWS.values(), VIEWS["live"], titles)
    passages = [passage for chapter in chapters for passage in chapter.passages]
    assert ("ctrl+r", "pause / resume") in [(each.head, each.text) for each in passages]


async def test_the_app_obeys_the_keys_that_are_bound() -> None:
    bindings = {"pause": ["P"], "previous-stop": ["ctrl+o"], "next-panel": ["h"], "quit": ["Q"]}
    trial = Trial(replace(SMALL, steps=50))
    settings = Settings(trial, lambda config, on_news: ScriptedEngine(config), bindings=bindings)
    app = SuperposApp(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.watched.snapshot is not None)
        await pilot.press("h")
        await until(pilot, lambda: app.widgets.front_panel.panel_name == "loss")
        await pilot.press("space", "q", "P")
        await until(pilot, lambda: app.watched.state in ("paused", "finished"))
        assert not app.leaving.is_requested
        await pilot.press("Q")
        await until(pilot, lambda: app.leaving.is_requested)
