"""Stripe on your own machine: its API, its hosted pages and its webhooks, for the demo and for tests over real HTTP.

A process of its own (`python -m members.billing.sandbox`) that imports nothing but the standard library. From the
bottom up: `core` holds what any API would need (parameters, errors, shapes, the database file, the clock), `objects`
what Stripe's objects do, `web` the three faces: the API, the pages for people, and the control of time and misfortune.
No money moves, and it does not start where a live key is about.
"""
