"""What can go wrong between us and the object store."""

from jarvis_admin.errors import JarvisError


class StoreError(JarvisError):
    """It did not answer, or would not do it; the sentence says what was asked."""

    status = 502


class NoSuchObject(StoreError):
    status = 404
