"""A page loads the blocks it wears, all of them and no others."""

from __future__ import annotations

import pytest

from dashboard.web.styles import ALL, pages_of_blocks, sheets
from tests.web.styled import STYLES, classes_by_block, classes_of_page, templates_by_page

LISTED = pages_of_blocks((STYLES / "pages.txt").read_text(encoding="utf-8"))
BLOCKS = classes_by_block()
PAGES = templates_by_page()
PLAIN = {"layers", "reset", "tokens", "base"}
"""What has no class of its own, and is for every page."""


def test_every_page_has_a_list() -> None:
    assert PAGES.keys() == {page for pages in LISTED.values() for page in pages} - {ALL}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_every_block_it_wears_and_no_other(page: str) -> None:
    worn = classes_of_page(PAGES[page])
    assert worn, "nothing was read"
    needed = {block for block, classes in BLOCKS.items() if classes & worn}
    loaded = {block for block, pages in LISTED.items() if {page, ALL} & {*pages}}
    assert loaded - PLAIN == needed


def test_every_class_worn_with_a_variant_or_a_part_has_a_rule() -> None:
    """A part of a block that no file knows is a typo, or left over."""
    known = frozenset().union(*BLOCKS.values())
    worn = set().union(*map(classes_of_page, PAGES.values()))
    assert {name for name in worn if "__" in name or "--" in name} - known == set()


def test_plain_blocks_have_no_classes() -> None:
    assert {block for block, classes in BLOCKS.items() if not classes} == PLAIN


def test_a_sheet_has_its_blocks_in_the_order_of_the_list_and_no_remarks() -> None:
    blocks = {"one": "/* why */\n.one {\n}\n", "two": ".two {\n}\n", "three": ".three {\n}\n"}
    made = sheets(blocks, "# pages\ntwo   all\none   here\nthree there\n")
    assert made == {"here": ".two {\n}\n.one {\n}\n", "there": ".two {\n}\n.three {\n}\n"}


@pytest.mark.parametrize("listed", ["one here\n", "one here\ntwo here\nthree here\n"])
def test_a_block_without_a_file_and_a_file_without_a_line_are_told_at_start(listed: str) -> None:
    with pytest.raises(ValueError, match="two|three"):
        sheets({"one": "", "two": ""}, listed)
