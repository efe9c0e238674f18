"""Refusals of a query, with the status and the type that Prometheus answers."""


class QueryError(Exception):
    def __init__(self, text: str, *, kind: str = "bad_data", status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.kind = kind
        self.status = status

    def body(self) -> dict[str, str]:
        return {"status": "error", "errorType": self.kind, "error": self.text}


def execution(text: str) -> QueryError:
    """The query is well formed and cannot be carried out all the same."""
    return QueryError(text, kind="execution", status=422)


def bad_parameter(name: str, text: str) -> QueryError:
    return QueryError(f'invalid parameter "{name}": {text}')
