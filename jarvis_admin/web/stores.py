"""The object store as pages read from it: opened when first used, once a process."""

from flask import current_app

from jarvis_admin.storage import ObjectStore, open_store


def object_store() -> ObjectStore:
    """Raises StoreError with what is wrong with its setting."""
    known: ObjectStore | None = current_app.extensions.get("object_store")
    if known is None:
        known = open_store(current_app.extensions["settings"])
        current_app.extensions["object_store"] = known
    return known
