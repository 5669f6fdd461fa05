"""Sentences that can be said in another language: plain English wherever they go, and whole again from a database."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.messages import Message, _, dump, join, load, ngettext

MINUTES = ("%(num)s minute", "%(num)s minutes")


def test_a_sentence_is_plain_english_and_remembers_its_parts() -> None:
    text = _("Use %(most)s characters at most.", most=60)
    assert text == "Use 60 characters at most." and json.dumps([text]) == '["Use 60 characters at most."]'
    assert (text.id, text.values) == ("Use %(most)s characters at most.", {"most": 60})


def test_a_sign_in_a_sentence_without_values_is_a_sign() -> None:
    assert _("100 % of it") == "100 % of it"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (1.0, "1 minute"),
        (2, "2 minutes"),
        (0.5, "0.5 minutes"),
        (2.5, "2.5 minutes"),
    ],
)
def test_the_form_fits_the_number(number: float, words: str) -> None:
    assert ngettext(*MINUTES, number) == words


@pytest.mark.parametrize(("number", "chosen_by"), [(0.5, 2), (1, 1), (1.5, 2), (2.5, 3)])
def test_catalogues_choose_by_a_whole_number_and_never_take_a_part_for_one(number: float, chosen_by: int) -> None:
    assert ngettext(*MINUTES, number).number == chosen_by


def test_texts_in_a_row_leave_out_what_is_empty() -> None:
    assert join(("Google", None, "", _("both tracks"))) == "Google, both tracks"
    assert join(()) == ""


values = st.one_of(
    st.integers(-(10**9), 10**9), st.text(), st.builds(lambda word: _("%(word)s!", word=word), st.text())
)


@given(values, st.integers(0, 5))
def test_what_was_stored_is_the_same_sentence_again(value: object, number: int) -> None:
    for text in (_("%(value)s?", value=value), ngettext(*MINUTES, number), join((_("a"), _("b")))):
        again = load(dump(text))
        assert isinstance(again, Message)
        assert (again, again.id, again.plural, again.number) == (text, text.id, text.plural, text.number)
        assert again.values == text.values


def test_the_sentences_inside_a_stored_one_can_still_be_said() -> None:
    again = load(dump(_("%(title)s. %(hint)s", title="Busy", hint=_("Press again."))))
    assert isinstance(again, Message) and isinstance(again.values["hint"], Message)


@given(
    st.one_of(st.none(), st.text(), st.text().map(lambda text: "{" + text), st.just('{"id": "%(x)s", "values": {}}'))
)
def test_what_is_no_sentence_of_ours_is_kept_word_for_word(text: str | None) -> None:
    assert load(dump(text)) == text


@pytest.mark.parametrize(
    "kept", ['{"id": 3}', '{"id": "%(x)s", "values": {"y": 1}}', "{", "connection_failed", "{}", '{"a": []}']
)
def test_what_cannot_be_read_is_shown_as_it_is(kept: str) -> None:
    assert load(kept) == kept


def test_a_sentence_travels_between_processes() -> None:
    again = pickle.loads(pickle.dumps(_("%(a)s", a=1)))
    assert (again, again.id) == ("1", "%(a)s")
