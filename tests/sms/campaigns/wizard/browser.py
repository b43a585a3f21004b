"""Somebody without script: opens pages, follows links and presses buttons with what the page holds."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

VOID = {
    "input",
    "br",
    "meta",
    "link",
    "hr",
    "img",
    "path",
    "circle",
    "rect",
    "line",
    "polyline",
    "polygon",
    "ellipse",
}


@dataclass
class Form:
    action: str
    method: str
    given: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Button:
    words: str
    name: str
    value: str
    form: Form | None
    form_id: str
    action: str

    @property
    def said(self) -> str:
        return " ".join(self.words.split())


class Read(HTMLParser):
    """Forms with their fields, buttons and links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.buttons: list[Button] = []
        self.links: dict[str, str] = {}
        self._form: Form | None = None
        self._select = ""
        self._area = ""
        self._link: tuple[str, list[str]] | None = None
        self._in_button = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(at.get("action", ""), at.get("method", "get"))
            self.forms.append(self._form)
            self.by_id[at.get("id", "")] = self._form
        elif tag == "input" and self._form and "disabled" not in at:
            if at.get("type") not in ("checkbox", "radio") or "checked" in at:
                self._give(at.get("name", ""), at.get("value", "on" if at.get("type") == "checkbox" else ""))
        elif tag == "textarea":
            self._area = at.get("name", "")
            self._give(self._area, "")
        elif tag == "button":
            self._in_button = True
            self.buttons.append(
                Button(at.get("aria-label", ""), at.get("name", ""), at.get("value", ""), self._form,
                       at.get("form", ""), at.get("formaction", ""))
            )  # fmt: skip
        elif tag == "a":
            self._link = (at.get("href", ""), [at.get("aria-label", "")])

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            values = self._form.given[self._area]
            # A textarea's first line end is none of its text.
            values[-1] = values[-1] + data if values[-1] else data.removeprefix("\n")
        if self._in_button:
            self.buttons[-1].words += data
        if self._link:
            self._link[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "button":
            self._in_button = False
        elif tag == "a" and self._link:
            self.links.setdefault(" ".join("".join(self._link[1]).split()), self._link[0])
            self._link = None

    def _give(self, name: str, value: str) -> None:
        if name and self._form:
            self._form.given.setdefault(name, []).append(value)


class Browser:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.answer: Any = None
        self.address = ""

    def open(self, address: str) -> "Browser":
        return self._went(address, self.client.get(address))

    def press(self, button: str, **typed: Any) -> "Browser":
        """`button`: its value, or how its words begin. `typed`: what is filled in first; None takes a field away."""
        read = Read(self.page)
        pressed = next(each for each in read.buttons if button == each.value or each.said.startswith(button))
        form = read.by_id[pressed.form_id] if pressed.form_id else pressed.form
        assert form is not None, f"{button} belongs to no form"
        given: dict[str, Any] = dict(form.given)
        given |= {name.replace("__", "-"): value for name, value in typed.items()}
        given = {name: value for name, value in given.items() if value is not None}
        if pressed.name:
            given[pressed.name] = pressed.value
        address = urljoin(self.address, pressed.action or form.action or self.address)
        send = self.client.post if form.method == "post" else self.client.get
        return self._went(address, send(address, given))

    def follow(self, words: str) -> "Browser":
        links = Read(self.page).links
        return self.open(urljoin(self.address, next(to for said, to in links.items() if words in said)))

    def _went(self, address: str, answer: Any) -> "Browser":
        while answer.status_code in (301, 302, 303):
            address = urljoin(address, answer.headers["Location"])
            answer = self.client.get(address)
        self.answer, self.address = answer, address.partition("#")[0]
        return self

    @property
    def page(self) -> str:
        return str(self.answer.content.decode())

    @property
    def status(self) -> int:
        return int(self.answer.status_code)

    @property
    def words(self) -> str:
        """What the page says, without its marks."""
        said = _Words()
        said.feed(self.page)
        return " ".join("".join(said.parts).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("b", "bdi", "time"):
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
