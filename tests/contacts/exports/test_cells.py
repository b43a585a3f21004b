"""What a spreadsheet would calculate is guarded, and an import reads every cell as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.exports.cells import guarded, unguarded

CALCULATED = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# Texts that lie close to the edge: guards, formulas, numbers.
CLOSE = st.text(alphabet="'=+-@\t\r\n\uff1d 0123456789.aé;,\"", max_size=12) | st.text(max_size=20)


@given(CLOSE)
def test_every_cell_is_read_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(CLOSE)
def test_nothing_that_is_calculated_stays_but_numbers(text: str) -> None:
    written = guarded(text)
    if written.startswith(CALCULATED):
        assert written == text
        assert written[:1] in "+-" and written[1:].replace(".", "", 1).isdigit()


@pytest.mark.parametrize("text", ["+33639984217", "-12.5", "-3", "+1", "Camille", "06 39", "'tis", "a=b", ""])
def test_phones_numbers_and_words_are_left_alone(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(A1)", "-2+3", "+33639984217;x", "\t=1", "\r=1", "\n", "\uff1dcmd", "-", "'=1", "+33 6 39"],
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert guarded(text) == "'" + text
