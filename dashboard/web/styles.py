"""Stylesheets joined at start: for each page one, of the blocks it wears and no others.

static/css/pages.txt has a line for each block, in the order of the cascade: its file, then the pages that load it.
Knows nothing of CSS but its comments, which stay here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

ALL = "all"

_REMARK = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def pages_of_blocks(listed: str) -> dict[str, list[str]]:
    """The pages of each block, by the name of its file, `all` for every page."""
    lines = [line.split() for line in listed.splitlines() if line and not line.startswith("#")]
    return {block: pages for block, *pages in lines}


def sheets(blocks: Mapping[str, str], listed: str) -> dict[str, str]:
    """The stylesheet of each page, by the page's name. ValueError where the list and the files disagree."""
    pages_of = pages_of_blocks(listed)
    if pages_of.keys() != blocks.keys():
        raise ValueError(f"listed or there, not both: {', '.join(sorted(pages_of.keys() ^ blocks.keys()))}")
    pages = sorted({page for pages in pages_of.values() for page in pages} - {ALL})
    return {page: _joined(blocks[name] for name in pages_of if {page, ALL} & {*pages_of[name]}) for page in pages}


def _joined(parts: Iterable[str]) -> str:
    return "".join(_REMARK.sub("", part) for part in parts)
