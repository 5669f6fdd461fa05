"""Messages are plain English strings that keep their parts."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.messages import Message, _, dump, join, load, ngettext

MINUTES = ("%(num)s minute", "%(num)s minutes")


def test_a_message_is_plain_english_with_its_parts() -> None:
    text = _("Use %(most)s characters at most.", most=60)
    assert text == "Use 60 characters at most." and json.dumps([text]) == '["Use 60 characters at most."]'
    assert (text.id, text.values) == ("Use %(most)s characters at most.", {"most": 60})


def test_a_percent_sign_without_values_is_kept() -> None:
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
def test_the_form_matches_the_number(number: float, words: str) -> None:
    assert ngettext(*MINUTES, number) == words


@pytest.mark.parametrize(("number", "chosen_by"), [(0.5, 2), (1, 1), (1.5, 2), (2.5, 3)])
def test_a_fraction_never_chooses_the_singular(number: float, chosen_by: int) -> None:
    assert ngettext(*MINUTES, number).number == chosen_by


def test_join_leaves_out_empty_parts() -> None:
    assert join(("Google", None, "", _("both tracks"))) == "Google, both tracks"
    assert join(()) == ""


values = st.one_of(
    st.integers(-(10**9), 10**9), st.text(), st.builds(lambda word: _("%(word)s!", word=word), st.text())
)


@given(values, st.integers(0, 5))
def test_a_stored_message_is_loaded_with_its_parts(value: object, number: int) -> None:
    for text in (_("%(value)s?", value=value), ngettext(*MINUTES, number), join((_("a"), _("b")))):
        loaded = load(dump(text))
        assert isinstance(loaded, Message)
        assert (loaded, loaded.id, loaded.plural, loaded.number) == (text, text.id, text.plural, text.number)
        assert loaded.values == text.values


def test_nested_messages_stay_translatable() -> None:
    loaded = load(dump(_("%(title)s. %(hint)s", title="Busy", hint=_("Press again."))))
    assert isinstance(loaded, Message) and isinstance(loaded.values["hint"], Message)


@given(
    st.one_of(st.none(), st.text(), st.text().map(lambda text: "{" + text), st.just('{"id": "%(x)s", "values": {}}'))
)
def test_plain_text_is_stored_unchanged(text: str | None) -> None:
    assert load(dump(text)) == text


@pytest.mark.parametrize(
    "text", ['{"id": 3}', '{"id": "%(x)s", "values": {"y": 1}}', "{", "connection_failed", "{}", '{"a": []}']
)
def test_unreadable_stored_text_is_returned_unchanged(text: str) -> None:
    assert load(text) == text


def test_a_message_can_be_pickled() -> None:
    loaded = pickle.loads(pickle.dumps(_("%(a)s", a=1)))
    assert (loaded, loaded.id) == ("1", "%(a)s")
