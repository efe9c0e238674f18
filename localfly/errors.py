"""Refusals, with the status and the text that Fly answers."""


class ApiError(Exception):
    def __init__(self, status: int, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.code = code

    def body(self) -> dict[str, str]:
        return (
            {"error": self.text} if self.code is None else {"error": self.text, "status": self.code}
        )


class LeaseError(ApiError):
    """A refusal by a lease endpoint, which answers in its own envelope."""

    def body(self) -> dict[str, str]:
        return {"status": "error", "message": self.text, "code": "invalid"}


def bad_request(text: str) -> ApiError:
    return ApiError(400, f"invalid_argument: {text}")


def unauthorized() -> ApiError:
    return ApiError(401, "unauthorized")


def forbidden() -> ApiError:
    return ApiError(403, "unauthorized")


def not_found(noun: str) -> ApiError:
    return ApiError(404, f"{noun} not found")


def deadline(text: str) -> ApiError:
    return ApiError(408, f"deadline_exceeded: {text}")


def precondition(text: str) -> ApiError:
    return ApiError(412, f"failed_precondition: {text}")


def no_capacity() -> ApiError:
    return ApiError(422, "could not find a candidate host", "insufficient_capacity")


class HostUnreachable(ApiError):
    """The host of the thing is down; how long that takes to show is a fault's business."""

    def __init__(self) -> None:
        super().__init__(503, "host unreachable")


def unreachable() -> ApiError:
    return ApiError(503, "host unreachable")
