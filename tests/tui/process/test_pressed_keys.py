"""A pressed key goes before other work until its effect is shown, but not for long."""

from superpos_tui.process.pressed_keys import MAX_BEFORE, PATIENCE_SECONDS, PressedKeys


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1e-6  # no two moments are the same
        return self.now


def waits(pressed: PressedKeys) -> bool:
    return pressed.are_waiting


def test_a_key_waits_from_reading_until_a_frame_after_its_answer() -> None:
    pressed = PressedKeys(Clock())
    assert not waits(pressed)
    pressed.note()
    pressed.show()
    assert waits(pressed), "that frame was drawn before the key was answered"
    pressed.answer()
    assert waits(pressed)
    pressed.show()
    assert not waits(pressed)


def test_a_key_that_comes_between_answer_and_frame_waits_for_its_own() -> None:
    pressed = PressedKeys(Clock())
    pressed.note()
    pressed.answer()
    pressed.note()
    pressed.show()
    assert waits(pressed)


def test_a_key_without_effect_does_not_wait_for_long() -> None:
    clock = Clock()
    pressed = PressedKeys(clock)
    pressed.note()
    clock.now += PATIENCE_SECONDS
    assert not waits(pressed)


def test_a_key_held_down_leaves_out_few_frames_in_a_row() -> None:
    pressed = PressedKeys(Clock())
    left_out = []
    for _ in range(3 * (MAX_BEFORE + 1)):
        pressed.note()
        left_out.append(pressed.go_first())
    assert left_out == 3 * [*MAX_BEFORE * [True], False]
