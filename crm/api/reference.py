"""The page at /api/docs, drawn from the OpenAPI description: no script, and nothing from another host."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

METHODS = ("get", "post", "patch", "put", "delete")
Schema = Mapping[str, Any]
# A part of a sentence: is it code, and its text.
Piece = tuple[bool, str]


@dataclass(frozen=True)
class Field:
    """A parameter, or a name of an object. `kind` is its type in words."""

    name: str
    kind: str
    required: bool = False
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """An object that operations answer with."""

    name: str
    fields: list[Field]


@dataclass(frozen=True)
class Answer:
    """A status, and what comes with it: words, those that name a shape marked so."""

    status: str
    words: list[tuple[bool, str]]


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    paragraphs: list[list[Piece]]
    parameters: list[Field]
    # Each form that the body may have.
    bodies: list[list[Field]]
    answers: list[Answer]
    # The statuses of errors, which have one shape.
    errors: list[str]

    @property
    def anchor(self) -> str:
        return slugify(f"{self.method} {self.path.replace('/', ' ')}")


class Reference(DocsBase):
    """Replaces django-ninja's pages, which load from elsewhere or weigh megabytes."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        return render(
            request,
            "api/reference.html",
            {
                "paragraphs": paragraphs(api.description),
                "groups": operations(schema),
                "shapes": shapes(schema),
                "schema_url": self.get_openapi_url(api, kwargs),
            },
        )


def paragraphs(text: str) -> list[list[Piece]]:
    """What a docstring says, paragraph by paragraph."""
    return [pieces(" ".join(each.split())) for each in text.split("\n\n") if each.strip()]


def pieces(text: str) -> list[Piece]:
    """`text` cut where backticks set code apart."""
    return [(place % 2 == 1, part) for place, part in enumerate(text.split("`")) if part]


def operations(schema: Schema) -> dict[str, list[Operation]]:
    """By tag, in the order of the description."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                told = methods[method]
                groups.setdefault(told["tags"][0], []).append(_operation(method, path, told))
    return groups


def shapes(schema: Schema) -> list[Shape]:
    """The objects that operations answer with."""
    return [
        Shape(name_of(name), _fields(told))
        for name, told in schema["components"]["schemas"].items()
        if told.get("properties") and name.endswith(("Shape", "Page", "Event", "Detail"))
    ]


def _operation(method: str, path: str, told: Schema) -> Operation:
    body = _content(told.get("requestBody", {}))
    answers, errors = [], []
    for status, answer in sorted(told["responses"].items(), key=lambda each: str(each[0])):
        content = _content(answer)
        if int(status) >= 400:
            errors.append(str(status))
        else:
            named = set(_named(content))
            words = re.split(r"(\W+)", kind(content) if content else "nothing")
            answers.append(Answer(str(status), [(word in named, word) for word in words if word]))
    return Operation(
        method=method.upper(),
        path=path,
        summary=told["summary"],
        paragraphs=paragraphs(told.get("description", "")),
        parameters=[
            Field(each["name"], _given(each["schema"]), each.get("required", False), _description(each))
            for each in told.get("parameters", [])
        ],
        bodies=[_fields(form, _given) for form in body.get("oneOf", [body] if body else [])],
        answers=answers,
        errors=errors,
    )


def _content(part: Schema) -> Schema:
    found: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _description(told: Schema) -> list[Piece]:
    """Its own; else that of its type, or of what it is when it is not null."""
    schema = told.get("schema", {})
    parts = (told, schema, *told.get("anyOf", ()), *schema.get("anyOf", ()))
    return pieces(next((str(part["description"]) for part in parts if part.get("description")), ""))


def _given(schema: Schema) -> str:
    """The type of what a client gives: null is the same as nothing there."""
    return kind(schema).removesuffix(" | null")


def _fields(told: Schema, kind_of: Callable[[Schema], str] | None = None) -> list[Field]:
    required = told.get("required", ()) if kind_of else ()
    return [
        Field(name, (kind_of or kind)(each), name in required, _description(each))
        for name, each in told.get("properties", {}).items()
    ]


def name_of(schema_name: str) -> str:
    """ "MessageShape" as "Message"."""
    return schema_name.removesuffix("Shape")


def _named(schema: Schema) -> Iterable[str]:
    """The shapes that a type refers to."""
    if "$ref" in schema:
        yield name_of(schema["$ref"].rsplit("/", 1)[-1])
    items = [schema["items"]] if "items" in schema else []
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", []), *items]:
        yield from _named(part)


def kind(schema: Schema) -> str:
    """A type in words: "string", "list of Message", "integer, 1 to 200", "active | held"."""
    if "$ref" in schema:
        return name_of(schema["$ref"].rsplit("/", 1)[-1])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(kind(each) for each in schema[several]))
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}{_bounds(schema, 'minItems', 'maxItems')}"
    if schema.get("type") == "object" and "properties" in schema:
        return "object {" + ", ".join(schema["properties"]) + "}"
    if schema.get("format") == "date-time":
        return "time"
    words = str(schema.get("type", "any"))
    return words + _bounds(schema, "minimum", "maximum") + _bounds(schema, "minLength", "maxLength")


def _bounds(schema: Schema, least: str, most: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if high == 2**63 - 1:
        high = None
    if low is not None and high is not None:
        return f", {low} to {high}"
    if high is not None:
        return f", up to {high}"
    return ""
