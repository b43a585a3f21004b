"""What can go wrong with a text: it cannot be understood, or a field of it is empty for somebody."""


class Wrong(ValueError):
    """A text that cannot be rendered for anybody. Its words are a sentence for whoever wrote it."""


class Empty(Exception):
    """A field is empty for this person, and the text would print it. `key` as in Compiled.fields."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
