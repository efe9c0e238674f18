"""The object store behind archives: a local folder, or S3, R2 and what else speaks like them.

`store` is what services work with; `gate` signs and answers URLs for the local folder, which has
nobody else to do it. Nothing outside of this package sees obstore.
"""

from jarvis_admin.storage.errors import NoSuchObject, StoreError
from jarvis_admin.storage.store import Object, ObjectStore, open_store

__all__ = ["NoSuchObject", "Object", "ObjectStore", "StoreError", "open_store"]
