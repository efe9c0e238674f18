"""What is wrong with a query, where, and what was probably meant."""

from jarvis_admin.errors import Invalid


class QueryError(Invalid):
    """`word` stands in the text at `position`; `suggestion` is what to write in its place."""

    def __init__(self, sentence: str, *, word: str, position: int, suggestion: str = "") -> None:
        self.sentence = sentence
        self.word = word
        self.position = position
        self.suggestion = suggestion
        self.hint = f"Did you mean {suggestion}?" if suggestion else ""
        super().__init__(f"{sentence} {self.hint}".rstrip())

    def mended(self, text: str) -> str:
        """The text with the suggestion followed, for a link."""
        return text[: self.position] + self.suggestion + text[self.position + len(self.word) :]
