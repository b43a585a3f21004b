"""A file that can't be imported at all, said in a sentence."""


class Unreadable(Exception):
    """`sentence` is translated, for the person who chose the file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
