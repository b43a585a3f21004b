"""Merge fields are filled in for each person, and nobody ever receives what was meant for the machine."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st
from liquid import Environment
from liquid.builtin.expressions import _tokenize

from sms import merge_fields
from sms.merge_fields import Empty, Wrong
from sms.merge_fields.fields import RESERVED, written
from sms.merge_fields.filters import LONGEST
from sms.merge_fields.reading import LONGEST_SOURCE

ZOE = {
    "first_name": "Zoé",
    "last_name": "Le Goff",
    "company": "",
    "email": "zoe@example.com",
    "language": "fr",
    "custom": {
        "town": "Brest",
        "visits": 3,
        "price": 12.5,
        "renewal": "2026-03-01",
        "vip": True,
        "owes": False,
    },
}


def values(person: Mapping[str, Any] = ZOE, **given: Any) -> dict[str, Any]:
    shared: dict[str, Any] = {
        "sender": "Malik",
        "line": "Boutique",
        "team": "Atelier",
        "fields": {"renewal": "date"},
        **given,
    }
    return merge_fields.values_of(person, **shared)


def render(text: str, person: Mapping[str, Any] = ZOE, **given: Any) -> str:
    return merge_fields.compile(text).render(values(person, **given))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bonjour {{ contact.first_name }} de {{ contact.custom.town }}", "Bonjour Zoé de Brest"),
        ("{{contact.last_name|upcase}}", "LE GOFF"),
        ("{{ contact['first_name'] }}", "Zoé"),
        ("{{ sender.first_name }}, {{ line.name }}, {{ team.name }}", "Malik, Boutique, Atelier"),
        ('{{ contact.company | default: "vous" }}', "vous"),
        ('{{ contact.company | append: " !" | default: "" }}.', "."),
        ("{{ contact.company | default: contact.last_name }}", "Le Goff"),
        ("{% if contact.company %}de {{ contact.company }}{% else %}seule{% endif %}", "seule"),
        ("{% unless contact.company %}seule{% endunless %}", "seule"),
        ('{% if contact.company == "" and contact.company == blank %}vide{% endif %}', "vide"),
        ("{% if contact.custom.visits > 2 %}fidèle{% endif %}", "fidèle"),
        ('{% if contact.custom.visits > "x" or contact.first_name < 3 %}x{% endif %}ok', "ok"),
        ('{% if contact.custom.renewal < "2026-12-31" %}bientôt{% endif %}', "bientôt"),
        ('{% if contact.custom.town contains "res" %}oui{% endif %}', "oui"),
        ("{% if contact.custom.owes %}x{% elsif contact.custom.vip %}vip{% endif %}", "vip"),
        ('{% case contact.language %}{% when "en", "fr" %}A{% else %}B{% endcase %}', "A"),
        ("{% assign nom = contact.company | default: contact.first_name %}{{ nom }}", "Zoé"),
        ("a{% comment %}{{ nothing }}{% endcomment %}b{% # nothing %}", "ab"),
        ('{{ "Jean Paul" | truncatewords: 1, "" }}', "Jean"),
        (
            '{{ "Jean Paul" | truncate: 6 }}{{ "abcde" | truncate: 5 }}{{ "abc" | truncate: 2, "" }}',
            "Jea...abcdeab",
        ),
        ('{{ "abcde" | slice: -3, 2 }}{{ "a" | slice: -3, 2 }}', "cd"),
        ("Voir {link} {{ contact.first_name }}", "Voir {link} Zoé"),
        ("Prix {5 €} et {{ contact.first_name }}", "Prix {5 €} et Zoé"),
    ],
)
def test_fields_are_filled_in(text: str, wanted: str) -> None:
    assert render(text) == wanted


def test_days_numbers_and_yes_are_written_in_the_texts_language() -> None:
    text = (
        "{{ contact.custom.renewal }} {{ contact.custom.renewal | date: '%-d %B' }} {{ contact.custom.price }} "
        "{{ contact.custom.vip }}"
    )
    with translation.override("en"):  # whoever looks
        assert render(text, language="fr") == "01/03/2026 1 mars 12,5 Oui"
    with translation.override("fr"):
        assert render(text, language="en").endswith(" 1 March 12.5 Yes")


@pytest.mark.parametrize("nothing", ["", "  ", "\t\n", None])
def test_an_empty_field_is_named_and_not_printed(nothing: str | None) -> None:
    person = {"first_name": nothing, "custom": {"town": nothing}}
    for text, key in (
        ("Bonjour {{ contact.first_name }}", "first_name"),
        ("{{ contact.custom.town | upcase }}", "custom.town"),
        ("{{ contact.custom.unheard_of }}", "custom.unheard_of"),
        ('{{ "M. " | append: contact.first_name }}', "first_name"),
        ("{% assign x = contact.first_name %}{{ x }}", "first_name"),
        ("{{ contact.first_name | default: contact.custom.town }}", "custom.town"),
    ):
        with pytest.raises(Empty) as raised:
            render(text, person)
        assert raised.value.key == key


@pytest.mark.parametrize(
    ("text", "fields", "required", "branches"),
    [
        ("Bonjour", (), (), False),
        ("{{ contact.first_name }} {{ contact.custom.town }}", ("first_name", "custom.town"), "all", False),
        ('{{ contact.first_name | default: "" }}', ("first_name",), (), False),
        ('{{ contact.first_name | upcase | default: "x" | append: "y" }}', ("first_name",), (), False),
        ('{{ "a" | append: contact.company }}', ("company",), "all", False),
        ("{{ contact.company | default: contact.last_name }}", ("company", "last_name"), (), True),
        ("{{ team.name }}{% if contact.company %}{{ contact.email }}{% endif %}", None, ("team.name",), True),
        ("{% assign x = contact.company %}{{ x }}", ("company",), (), True),
    ],
)
def test_what_everybody_needs_is_known_beforehand(
    text: str, fields: tuple[str, ...] | None, required: tuple[str, ...] | str, branches: bool
) -> None:
    compiled = merge_fields.compile(text)
    wanted = ("team.name", "company", "email") if fields is None else fields
    assert compiled.fields == wanted
    assert compiled.required == (wanted if required == "all" else required)
    assert compiled.branches is branches


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ contact.prenom }}", "contact.prenom"),
        ("{{ contact.firstname }}", "{{ contact.first_name }}"),
        ("{{ first_name }}", "{{ contact.first_name }}"),
        ("{{link}}", "link"),
        ("{{ contact.first_name.size }}", "contact.first_name.size"),
        ("{{ contact.first_name | frob }}", "frob"),
        ("{{ contact.first_name | append }}", "append"),
        ("{{ contact[contact.email] }}", "contact[contact.email]"),
        ("{{ (1..9) }}", "(1..9)"),
        ("{% if (1..999999999) contains 'x' %}{% endif %}", "(1..999999999)"),
        ("{{ contact.first_name", "}}"),
        ("Bonjour contact.first_name }}", "}}"),
        ("Bonjour { contact.first_name }", "{{ contact.first_name }}"),
        ("{{ }}", "braces"),
        ("{% if contact.company %}x", "endif"),
        ("x{% endif %}", "endif"),
        ("{{ contact.first_name contact.last_name }}", "contact.first_name contact.last_name"),
        *(
            (f"{{% {tag} 'x' %}}", tag)
            for tag in ("include", "render", "extends", "for", "capture", "liquid", "raw")
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, names: str) -> None:
    with pytest.raises(Wrong) as raised:
        merge_fields.compile(text)
    assert names in str(raised.value)


@pytest.mark.parametrize(
    "name",
    ["{link}", "[Lien_Tracking]", "{{ contact.email }}", "{% if %}", "\ufdd1x", "[ LINK ]", "[nom_contact]"],
)
def test_what_people_are_called_stays_text(name: str) -> None:
    person = {"first_name": name, "last_name": "X"}
    rendered = render("Voir {link}, {{ contact.first_name }} {{ contact.last_name }}", person)
    assert rendered.count("{link}") == 1
    assert rendered.startswith("Voir {link}, ")
    assert "[" not in rendered
    assert render("{{ contact.first_name }}|{{ contact.last_name }}", person).count("{link}") == 0


def test_names_beside_each_other_make_no_place() -> None:
    person = {"first_name": "{li", "last_name": "nk}", "company": "link"}
    assert render("{{ contact.first_name }}{{ contact.last_name }}", person) == "(link)"
    assert render("{ {{- contact.company -}} } {link}", person) == "(link) {link}"


def test_a_name_stands_on_one_line() -> None:
    assert render("{{ contact.first_name }}", {"first_name": "Zoé\nX\r\n\u2028Y\x00"}) == "Zoé X   Y "
    family = "\U0001f469\u200d\U0001f467"  # joined by a character that is not to be seen
    assert render("{{ contact.first_name }}", {"first_name": family}) == family


def test_every_word_of_liquid_can_be_a_key() -> None:
    assert set(_tokenize._keywords) <= RESERVED
    for word in _tokenize._keywords | {"size", "first", "last", "town"}:
        text = "{{ " + written(f"custom.{word}") + " }}"
        assert render(text, {"custom": {word: "x"}}) == "x"


@given(
    st.sampled_from(
        [
            "{{ contact.first_name | capitalize | append: 'x' | prepend: 'y' }}",
            "{{ contact.first_name | replace: 'a', 'bb' | remove: 'c' | upcase | downcase }}",
            "{{ contact.first_name | slice: 1 }}{{ contact.first_name | slice: -1 }}",
            "{{ contact.first_name | replace_first: 'a', 'b' | remove_first: 'b' | squish | strip }}",
            "{% if contact.first_name == 'abc' or contact.first_name > 'b' %}A{% elsif contact.n >= 3 %}B{% endif %}",
            "{% case contact.n %}{% when 1, 2 %}A{% when 3 %}B{% else %}C{% endcase %}",
            "{% unless contact.first_name contains 'a' and contact.n != 3 %} A {% else %} {% endunless %}",
            " {%- if contact.n < 3 %} {{ contact.first_name -}} {% endif %} .",
            "{% assign x = contact.n | default: 7 %}{% if x <= contact.n %}A{% endif %}",
        ]
    ),
    st.text("abc é", min_size=1, max_size=12).filter(lambda text: bool(text.strip())),
    st.integers(0, 5),
)
def test_says_what_the_library_says(text: str, name: str, number: int) -> None:
    wanted = Environment().from_string(text).render(contact={"first_name": name, "n": number})
    ours = merge_fields.compile(text.replace("contact.n", "contact.custom.n"))
    assert ours.render(values({"first_name": name, "custom": {"n": number}})) == wanted


pieces = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{{-",
        "-%}",
        " ",
        "|",
        "if",
        "endif",
        "else",
        "case",
        "when",
        "endcase",
        "assign",
        "unless",
    ]
    + [
        "contact",
        ".",
        "first_name",
        "custom",
        "town",
        "default",
        ":",
        '"',
        "'",
        "x",
        "=",
        "==",
        "<",
        "and",
        "contains",
    ]
    + [
        "(1..9)",
        "[",
        "]",
        "3",
        "2.5",
        "nil",
        "blank",
        "true",
        "raw",
        "comment",
        "#",
        "{link}",
        ",",
        "\n",
        "append",
        "date",
    ]
)
sensible = st.lists(pieces, max_size=40).map("".join)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
texts = [
    "{{ contact.first_name }}{{ contact.custom.town }}{link}",
    "{{ contact.custom.town | date: contact.first_name | append: contact.custom.town }}",
    "{% if contact.custom.town > contact.first_name %}{{ contact.custom.town | default: 'x' | upcase }}{% endif %}",
    "{% case contact.custom.town %}{% when contact.first_name, 3, true %}{{ contact.last_name }}{% endcase %}",
    "{{ contact.first_name | replace: '', contact.custom.town | replace: 'a', contact.first_name }}" * 20,
    "{{ contact.custom.town | truncate: contact.custom.town, contact.first_name | slice: contact.custom.town }}",
]


@given(st.text(max_size=200) | sensible)
@example("{{ 'a' }}" * 500)
@example("{{" + " " * 5000 + "}}")
@example("{%" * 2500)
@example("{% if a" + " and a" * 60 + " %}{% endif %}")
@example("{% if true" + " and true" * 40 + " %}x{% endif %}")
@example("{{ " + "[a" * 150 + " }}")
@example("{% if true %}" * 40)
@example("x" * (LONGEST_SOURCE + 1))
@example("{{ " + "9" * 390 + ".5 }}")
def test_any_text_is_rendered_or_refused_with_a_sentence(text: str) -> None:
    try:
        compiled = merge_fields.compile(text)
    except Wrong as wrong:
        assert 0 < len(str(wrong)) < 300
        return
    assert set(compiled.required) <= set(compiled.fields)
    try:
        rendered = compiled.render(values())
    except Empty as empty:
        assert empty.key in compiled.fields
    else:
        assert len(rendered) <= LONGEST


@given(
    st.sampled_from(texts), st.dictionaries(st.sampled_from(["first_name", "last_name", "custom"]), odd), odd
)
def test_any_person_is_rendered_or_lacks_a_field(text: str, person: dict[str, Any], town: object) -> None:
    compiled = merge_fields.compile(text)
    for each in (person, person | {"custom": {"town": town}}):
        try:
            rendered = compiled.render(values(each, fields={"town": "date"}))
        except Empty as empty:
            assert empty.key in compiled.fields
        else:
            assert len(rendered) <= LONGEST
            assert rendered.count("{link}") <= compiled.text.count("{link}")
            rendered.encode()


def test_nothing_makes_a_text_long_on_its_way() -> None:
    growing = '{{ "aaaaaaaaaa"' + ' | replace: "a", "aaaaaaaaaa"' * 12 + " }}"
    assert render(growing) == "a" * LONGEST
    doubling = '{% assign a = "aaaaaaaaaa" %}' + "{% assign a = a | append: a %}" * 60 + "{{ a }}{{ a }}"
    assert render(doubling) == "a" * LONGEST


def test_a_value_longer_than_a_text_is_cut() -> None:
    assert len(render("{{ contact.first_name }}!", {"first_name": "x" * 5000})) == LONGEST
