"""The tree of errors. Each carries the HTTP status it deserves and a sentence fit for a person.

JarvisError
├── NotFound        there is no such thing, or not for you
├── Conflict        it exists, but not in a state that allows this
├── Invalid         what was asked cannot be understood
├── Forbidden       signed in, but without the right
└── FlyError        Fly refused or did not answer (see jarvis_admin.fly.errors)
"""


class JarvisError(Exception):
    """Base of every error we raise on purpose; `str(error)` is shown to people."""

    status = 500


class NotFound(JarvisError):
    status = 404


class Conflict(JarvisError):
    status = 409


class Invalid(JarvisError):
    status = 422


class Forbidden(JarvisError):
    status = 403
