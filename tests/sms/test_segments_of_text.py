"""Segments are counted as smsutil splits them, and in the browser as here."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from sms.segments_of_text import BASIC, EXTENSION, Segments, count

SCRIPT = Path(__file__).parents[2] / "static" / "src" / "js" / "segments.js"

gsm = st.sampled_from(sorted(BASIC | EXTENSION))
any_character = st.characters(exclude_characters="\x1b", exclude_categories=["Cs"])
near_borders = st.builds(
    lambda each, times, end: each * times + end,
    st.sampled_from("a€😀ç"),
    st.integers(0, 700),
    st.sampled_from(["", "€", "😀", "é", "ç"]),
)
texts = st.text(gsm, max_size=700) | st.text(gsm | any_character, max_size=300) | near_borders


@given(texts)
def test_agrees_with_the_oracle(text: str) -> None:
    oracle = smsutil.split(text)
    got = count(text)
    assert got.segments == len(oracle.parts)
    if text:  # the oracle holds an empty text for UCS-2
        assert got.encoding == ("GSM-7" if oracle.encoding == "gsm0338" else "UCS-2")
    assert got.units == oracle.total_bytes // (1 if got.encoding == "GSM-7" else 2)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Segments("GSM-7", 0, 160, 1, None)),
        ("a" * 160, Segments("GSM-7", 160, 160, 1, None)),
        ("a" * 161, Segments("GSM-7", 161, 153, 2, None)),
        ("€" * 80, Segments("GSM-7", 160, 160, 1, None)),
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 153, 3, None)),  # the pair moves over whole
        ("ç" * 70, Segments("UCS-2", 70, 70, 1, "ç")),
        ("é" * 160, Segments("GSM-7", 160, 160, 1, None)),
        ("😀" * 35, Segments("UCS-2", 70, 70, 1, "😀")),
        ("ê" + "a" * 65 + "😀" + "a" * 60, Segments("UCS-2", 128, 67, 2, "ê")),
        ("\x1b", Segments("UCS-2", 1, 70, 1, "\x1b")),
    ],
)
def test_borders(text: str, wanted: Segments) -> None:
    assert count(text) == wanted


def test_lone_surrogate_is_one_unit() -> None:
    assert count("\ud83d").units == 1


def generated_texts() -> list[str]:
    chance = random.Random(7)
    alphabets = ["aé €[", "aç€", "a😀", "\n\r\f\x1b ê", "".join(sorted(BASIC | EXTENSION))]
    sizes = [chance.randrange(500) for _ in range(400)]
    return ["", *("".join(chance.choices(chance.choice(alphabets), k=size)) for size in sizes)]


def test_browser_counts_the_same() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    texts = generated_texts()
    program = (
        f"const {{ count }} = await import({json.dumps(SCRIPT.as_uri())});"
        "let input = ''; for await (const chunk of process.stdin.setEncoding('utf8')) input += chunk;"
        "process.stdout.write(JSON.stringify(JSON.parse(input).map(count)));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", program],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    for text, got in zip(texts, json.loads(done.stdout), strict=True):
        wanted = count(text)
        assert got == {
            "encoding": wanted.encoding,
            "units": wanted.units,
            "perSegment": wanted.per_segment,
            "segments": wanted.segments,
            "firstUcs2": wanted.first_ucs2,
        }
