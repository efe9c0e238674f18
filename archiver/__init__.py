"""The archiver: runs inside a machine and streams a volume into an object store, or back.

It knows nothing of Jarvis Admin and holds no key of the store: a ticket gives it pre-signed URLs
for one archive, and keys that open that archive and the one before it. docs/archives.md
describes the format.
"""
