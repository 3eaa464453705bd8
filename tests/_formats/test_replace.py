"""Replacing files and directories: whole old or whole new, whatever happens."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from torchlike._formats import replace


def put_file(path, text):
    with replace.staged(str(path)) as new:
        with open(new, "w") as file:
            file.write(text)


def put_dir(path, text):
    with replace.staged(str(path)) as new:
        os.mkdir(new)
        for name in ("a", "b"):
            with open(os.path.join(new, name), "w") as file:
                file.write(text)


def contents(path):
    if path.is_file():
        return path.read_text()
    return [(path / name).read_text() for name in sorted(os.listdir(path))]


PUTS = {"file": (put_file, "x"), "dir": (put_dir, ["x", "x"])}


@pytest.mark.parametrize("swaps", [True, False], ids=["exchange", "two moves"])
@pytest.mark.parametrize("new", PUTS)
@pytest.mark.parametrize("old", [None, "file", "dir", "empty", "link"])
def test_every_kind_over_every_kind(tmp_path, monkeypatch, old, new, swaps):
    if not swaps:
        monkeypatch.setattr(replace, "_exchange", lambda a, b: False)
    path = tmp_path / "model.pth"
    if old == "empty":
        path.mkdir()
    elif old == "link":
        PUTS[new][0](tmp_path / "target", "old")
        path.symlink_to("target")
    elif old is not None:
        PUTS[old][0](path, "old")
    put, wanted = PUTS[new]
    put(path, "x")
    assert contents(path) == wanted
    assert path.is_symlink() == (old == "link")
    assert set(os.listdir(tmp_path)) <= {"model.pth", "target"}


def test_an_exception_leaves_the_old(tmp_path):
    path = tmp_path / "a"
    put_dir(path, "old")
    with pytest.raises(ZeroDivisionError):
        with replace.staged(str(path)) as new:
            os.mkdir(new)
            raise ZeroDivisionError
    assert contents(path) == ["old", "old"] and os.listdir(tmp_path) == ["a"]


def test_system_has_the_exchange(tmp_path):
    if sys.platform != "linux":
        pytest.skip("checked on Linux")
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert replace._exchange(str(tmp_path / "a"), str(tmp_path / "b"))
    assert os.listdir(tmp_path / "a") == ["b"]


def _left_over(tmp_path, **entries):
    room = tmp_path / ".a.saving-0123456789ab"
    room.mkdir()
    for name, text in entries.items():
        (room / name).write_text(text)
    return room


def test_cut_off_between_two_moves_is_finished_on_reading(tmp_path):
    _left_over(tmp_path, old="old", new="new")
    replace.recover(str(tmp_path / "a"))
    assert contents(tmp_path / "a") == "new"
    put_file(tmp_path / "a", "next")
    assert contents(tmp_path / "a") == "next" and os.listdir(tmp_path) == ["a"]


def test_cut_off_before_the_first_move_is_not_taken_for_a_save(tmp_path):
    _left_over(tmp_path, new="half")
    replace.recover(str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_the_room_of_a_live_save_is_kept(tmp_path):
    with replace.staged(str(tmp_path / "a")) as first:
        put_file(tmp_path / "a", "second")
        with open(first, "w") as file:
            file.write("first")
    assert contents(tmp_path / "a") == "first" and os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, ".hidden", "a b\n"])
def test_names(tmp_path, name):
    for text in ("old", "new"):
        put_dir(tmp_path / name, text)
    assert contents(tmp_path / name) == ["new", "new"]
    assert os.listdir(tmp_path) == [name]


def test_rooms_of_another_path_are_left_alone(tmp_path):
    other = tmp_path / ".a.saving-b.saving-0123456789ab"
    other.mkdir()
    put_file(tmp_path / "a", "new")
    assert other.exists()


# The module alone, because the package takes seconds to import.
CHILD = """
    import importlib.util, itertools, os, sys
    spec = importlib.util.spec_from_file_location("replace", sys.argv[3])
    replace = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(replace)
    if sys.argv[2] == "moves":
        replace._exchange = lambda a, b: False

    def write(path, text):
        with open(path, "w") as file:
            file.write(text)

    for n in itertools.count():
        if n == 1:
            print("ready", flush=True)
        with replace.staged(sys.argv[1]) as new:
            if n % 3 == 2:
                write(new, str(n) * 5000)
            else:
                os.mkdir(new)
                write(new + "/a", str(n) * 5000)
                write(new + "/b", str(n) * 5000)
"""


@pytest.mark.parametrize("way", ["exchange", "moves"])
def test_kill_at_any_moment(tmp_path, way):
    path = tmp_path / "a"
    seen = set()
    for turn in range(25):
        command = [sys.executable, "-c", textwrap.dedent(CHILD), str(path), way]
        command.append(replace.__file__)
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(0.03 + 0.0037 * turn)  # seconds
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        replace.recover(str(path))
        found = contents(path)
        texts = {found} if isinstance(found, str) else set(found)
        assert len(texts) == 1 and (isinstance(found, str) or len(found) == 2)
        (text,) = texts
        assert len(text) >= 5000 and len(text) % 5000 == 0
        seen.add(text[: len(text) // 5000])
    assert len(seen) > 1
    put_file(path, "end")
    assert os.listdir(tmp_path) == ["a"]
