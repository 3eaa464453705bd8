"""The folder of compiled programs is bounded, at most once a day."""

import os

from torchlike import _config


def test_the_oldest_programs_go(tmp_path, monkeypatch):
    monkeypatch.setattr(_config, "_CACHE_BYTES", 250)
    for age in range(5):
        program = tmp_path / f"program{age}"
        program.write_bytes(b"x" * 100)
        os.utime(program, (1000 - age, 1000 - age))
    _config._trim(tmp_path)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"program0", "program1", "trimmed"}

    (tmp_path / "program9").write_bytes(b"x" * 900)
    _config._trim(tmp_path)  # not again on the same day
    assert (tmp_path / "program9").exists()
    yesterday = (tmp_path / "trimmed").stat().st_mtime - 2 * _config._DAY
    os.utime(tmp_path / "trimmed", (yesterday, yesterday))
    _config._trim(tmp_path)
    assert not (tmp_path / "program0").exists()
