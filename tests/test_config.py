"""Settings: plain names, process defaults, and modes that hold in one thread or task."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from pydcm import config
from pydcm.config import IGNORE, RAISE, WARN, reading_mode, settings, writing_mode

PLAIN = (
    *("APPLY_J2K_CORRECTIONS", "INVALID_KEYWORD_BEHAVIOR", "INVALID_KEY_BEHAVIOR"),
    *("allow_DS_float", "assume_implicit_vr_switch", "convert_wrong_length_to_UN"),
    *("data_element_callback", "data_element_callback_kwargs", "datetime_conversion"),
    *("debugging", "enforce_valid_values", "replace_un_with_known_vr", "show_file_meta"),
    *("use_DS_decimal", "use_DS_numpy", "use_IS_numpy", "use_none_as_empty_text_VR_value"),
)


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    kept = {name: getattr(config, name) for name in PLAIN}
    yield
    for name, value in kept.items():
        setattr(config, name, value)
    config.future_behavior(False)
    settings.reading_validation_mode = None
    settings.buffered_read_size = 8192


def _modes() -> tuple[int, int]:
    assert settings.reading_validation_mode == reading_mode()
    assert settings.writing_validation_mode == writing_mode()
    return reading_mode(), writing_mode()


def test_every_public_name_of_pydicom_is_there() -> None:
    theirs = pytest.importorskip("pydicom.config")
    own = {name for name, value in vars(theirs).items() if not name.startswith("_")}
    # What that module imports, and the pixel data handlers, which come with the codecs.
    other = {
        *("Any", "Generator", "Optional", "TYPE_CHECKING", "contextmanager", "logging", "numpy"),
        *("os", "pixel_data_handlers", "annotations"),
    }
    missing = {name for name in own - other if not hasattr(config, name)}
    assert {name for name in missing if not name.endswith("_handler")} == set()


def test_defaults_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.config")
    assert {name: getattr(config, name) for name in PLAIN} == {
        name: getattr(theirs, name) for name in PLAIN
    }
    for name in ("reading_validation_mode", "writing_validation_mode", "buffered_read_size"):
        assert getattr(settings, name) == getattr(theirs.settings, name)
    assert settings.infer_sq_for_un_vr == theirs.settings.infer_sq_for_un_vr
    assert (IGNORE, WARN, RAISE) == (theirs.IGNORE, theirs.WARN, theirs.RAISE)


def test_an_assigned_mode_holds_in_other_threads() -> None:
    settings.reading_validation_mode = RAISE
    assert _in_a_thread() == (RAISE, WARN)


def _in_a_thread() -> tuple[int, int]:
    seen: list[tuple[int, int]] = []
    thread = threading.Thread(target=lambda: seen.append(_modes()))
    thread.start()
    thread.join()
    return seen[0]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (config.disable_value_validation(), (IGNORE, IGNORE)),
        (config.strict_reading(), (RAISE, WARN)),
        (config.validation(reading=IGNORE), (IGNORE, WARN)),
        (config.validation(writing=RAISE), (WARN, RAISE)),
        (config.validation(), (WARN, WARN)),
    ],
)
def test_a_block_changes_the_modes_of_its_thread_only(
    block: AbstractContextManager[None], expected: tuple[int, int]
) -> None:
    with block:
        assert _modes() == expected
        assert _in_a_thread() == (WARN, WARN)
    assert _modes() == (WARN, WARN)


def test_blocks_nest_and_end_with_an_error() -> None:
    def fail() -> None:
        with config.strict_reading():
            with config.disable_value_validation():
                assert _modes() == (IGNORE, IGNORE)
            assert _modes() == (RAISE, WARN)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert _modes() == (WARN, WARN)


def test_tasks_have_modes_of_their_own() -> None:
    async def strict(others: asyncio.Barrier) -> tuple[int, int]:
        with config.strict_reading():
            await others.wait()
            return _modes()

    async def lax(others: asyncio.Barrier) -> tuple[int, int]:
        await others.wait()
        return _modes()

    async def both() -> tuple[tuple[int, int], tuple[int, int]]:
        others = asyncio.Barrier(2)
        first, second = await asyncio.gather(strict(others), lax(others))
        return first, second

    assert asyncio.run(both()) == ((RAISE, WARN), (WARN, WARN))


def test_assigning_inside_a_block_lasts_until_its_end_as_in_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.config")

    def seen(module: Any) -> list[int]:
        modes = []
        with module.disable_value_validation():
            module.settings.reading_validation_mode = RAISE
            modes.append(module.settings.reading_validation_mode)
        modes.append(module.settings.reading_validation_mode)
        return modes

    assert seen(config) == seen(theirs) == [RAISE, WARN]


def test_enforcing_valid_values_raises_unless_a_mode_was_set() -> None:
    config.enforce_valid_values = True
    assert _modes() == (RAISE, RAISE)
    settings.reading_validation_mode = WARN
    assert _modes() == (WARN, RAISE)


def test_future_behavior_is_stricter_and_can_be_taken_back() -> None:
    config.future_behavior()
    assert (_modes(), config.INVALID_KEYWORD_BEHAVIOR) == ((WARN, RAISE), "RAISE")
    config.future_behavior(False)
    assert (_modes(), config.INVALID_KEYWORD_BEHAVIOR) == ((WARN, WARN), "WARN")


@pytest.mark.parametrize(("text", "expected"), [("true", "2"), ("NO", "1"), ("", "1")])
def test_the_environment_chooses_future_behavior(text: str, expected: str) -> None:
    program = "from pydcm import config; print(config.writing_mode())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYDCM_FUTURE": text},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


def test_decimals_and_arrays_exclude_each_other() -> None:
    config.DS_decimal()
    with pytest.raises(ValueError, match="both"):
        config.DS_numpy()
    config.DS_decimal(False)
    config.DS_numpy()
    with pytest.raises(ValueError, match="both"):
        config.DS_decimal()
    assert (config.use_DS_decimal, config.use_DS_numpy) == (False, True)


@pytest.mark.parametrize("size", [0, -1])
def test_a_buffer_cannot_be_read_by_nothing(size: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        settings.buffered_read_size = size
    settings.buffered_read_size = 1
    assert settings.buffered_read_size == 1


def test_the_callback_is_forgotten_with_its_arguments() -> None:
    config.data_element_callback = print
    config.data_element_callback_kwargs = {"encoding": "x"}
    config.reset_data_element_callback()
    assert (vars(config)["data_element_callback"], config.data_element_callback_kwargs) == (
        None,
        {},
    )


def test_debugging_sets_level_and_prints_once() -> None:
    try:
        for _ in range(2):
            config.debug()
        assert config.debugging
        assert config.logger.level == logging.DEBUG
        assert len([h for h in config.logger.handlers if type(h) is logging.StreamHandler]) == 1
    finally:
        config.debug(False, False)
        config.logger.handlers = [
            h for h in config.logger.handlers if type(h) is not logging.StreamHandler
        ]
    assert config.logger.level == logging.WARNING


def test_a_warning_is_logged_too_and_shows_the_line_of_its_caller(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.warns(DeprecationWarning, match="old") as caught:
        config.warn_and_log("this is old", DeprecationWarning)
    assert caught[0].filename == __file__
    assert [record.getMessage() for record in caplog.records] == ["this is old"]


def test_importing_the_settings_imports_no_logging_and_no_numpy() -> None:
    program = (
        "import sys; import pydcm.config, pydcm.valuerep, pydcm.multival\n"
        "slow = {'logging', 'numpy', 'decimal', 'datetime', 'inspect', 'dataclasses'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_no_setting() -> None:
    with pytest.raises(AttributeError, match="no_such_setting"):
        getattr(config, "no_such_setting")  # noqa: B009  # mypy knows of no such name
    assert config.have_numpy is (__import__("importlib.util").util.find_spec("numpy") is not None)
