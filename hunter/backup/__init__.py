"""One archive of everything that cannot be made again: rows, files, secrets. The same on SQLite and PostgreSQL, on a disk and on S3.

An archive is a plain tar: `tables/<table>/<n>.jsonl.gz` (first line: the columns), `files/<key>`, `secrets/<name>`, then
`SHA256SUMS` of all of these, then `manifest.json`, whose absence says that the archive is not whole.
"""
