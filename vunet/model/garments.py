"""The garments that samples can be asked for. Their order is that of a checkpoint's conditions."""

from __future__ import annotations

# Each with the words that mean it.
WORDS: dict[str, tuple[str, ...]] = {
    "dress": ("dress", "romper"),
    "skirt": ("skirt",),
    "trousers": ("trousers", "pants", "jeans", "leggings"),
    "shorts": ("shorts",),
    "coat": ("coat", "jacket", "blazer", "cape", "cardigan"),
    "hat": ("hat", "cap", "beanie"),
    "sunglasses": ("sunglasses",),
    "bag": ("bag", "purse", "handbag", "backpack"),
}
GARMENTS = tuple(WORDS)
