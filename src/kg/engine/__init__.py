"""Queries in processes that can be killed, each over a read-only snapshot of a store.

`formats` says how answers are written, `text` what is refused by its words alone; `pool.Pool` keeps the
processes and hands them questions, `worker` is what runs in one of them. Nothing but `pyoxigraph` and the
standard library is loaded there, so that a process starts in a tenth of a second and takes some 30 MB.
"""
