"""Members move in from files and out into one: our own table, and what Ghost, Substack and Patreon export.

A file only adds. It makes accounts, fills in what is blank, gives grants and records payments that came another way; it
never takes anything away, never changes what somebody has set, gives no role and sends no mail. A person is known by
the address (in our own table by the key first), so that a second import of the same file changes nothing.
"""
