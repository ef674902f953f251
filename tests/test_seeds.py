"""The seed documents are kept byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

SHA256 = {
    "000_5189ccc7694bce76.txt": "9e9e44c9fe1211d7abf808afe06d8868d6373e74e592a90132a0e937002ab015",
    "001_47ca21cf1c0702d7.txt": "f3e7cf70ea8c9f551c56869ce8541d3ec14e2749f60431ef61e98e7607e537f9",
    "002_dd111037f3b2551f.txt": "4706fb3fde7c534407a5790ce0d71812df25088081991acf720ee13015ceb510",
    "003_12d0eb1ea958c9c9.txt": "724c1d7a7f2763363b2756e52166a1c1639780aa38f963ab007f3ad6a2f20adf",
    "004_778f94a180eceaa4.txt": "d86f72f65f99e867e1a40c6e444ebc98062280c3645f8860c169ab2ded88af7f",
}


def test_the_seeds_are_all_there_and_nothing_else(seeds: Path) -> None:
    assert sorted(path.name for path in seeds.iterdir()) == [*SHA256, "NOTICE"]


@pytest.mark.parametrize("name", SHA256)
def test_a_seed_is_what_it_was(seeds: Path, name: str) -> None:
    assert hashlib.sha256((seeds / name).read_bytes()).hexdigest() == SHA256[name]


def test_the_seeds_equal_the_shared_ones(seeds: Path, shared: Path) -> None:
    originals = {path.name: path.read_bytes() for path in (shared / "seeds").glob("*.txt")}
    assert originals == {name: (seeds / name).read_bytes() for name in SHA256}


def test_the_notice_names_every_seed(seeds: Path) -> None:
    notice = (seeds / "NOTICE").read_text(encoding="utf-8")
    assert [name for name in SHA256 if name not in notice] == []


def test_the_gold_equals_the_shared_one(gold: Path, shared: Path) -> None:
    originals = {path.name: path.read_bytes() for path in (shared / "gold" / "seeds").glob("*.json")}
    assert originals == {path.name: path.read_bytes() for path in gold.glob("*.json")}
