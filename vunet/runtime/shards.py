"""A share of a folder's files for one of many machines: by a hash of the name, so that none needs to know the others."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from vunet.errors import VUNetError

MOST = 100_000


@dataclass(frozen=True)
class Shard:
    """number: of this one, from 1. count: of all."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str | None) -> Shard:
        """`3/100`; everything where nothing is given. Raises `VUNetError`."""
        if text is None:
            return cls()
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]) <= MOST:
            raise VUNetError(f"A shard is a number and how many there are, as 3/100, not {text!r}.")
        return cls(int(match[1]), int(match[2]))

    def holds(self, name: str) -> bool:
        """Whether a file of this name belongs to it."""
        return zlib.crc32(name.encode("utf-8", "surrogateescape")) % self.count == self.number - 1

    def named(self, file: str) -> str:
        """A file's name with the shard in it: `index.jsonl` becomes `index.3-of-100.jsonl`; as it is where there is one."""
        stem, _, ending = file.rpartition(".")
        return file if self.count == 1 else f"{stem}.{self.number}-of-{self.count}.{ending}"


EVERYTHING = Shard()
