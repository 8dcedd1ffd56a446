"""Queries whose SQL is made once a process. Django makes it anew for each query, which costs several times what the
database asks for to answer it; where pages are compiled and members recognised, that is most of the work.
"""

from copy import copy
from datetime import UTC, datetime, timedelta

from django.db import connections


class Prepared:
    """`Prepared(lambda a, b: QuerySet)(1, 2)` is the QuerySet of `build(1, 2)`, evaluated as any other but never
    changed: no filter, no slice, no count.

    The arguments must be values of a filter, each of the type of its kind in `kinds` (int, str or datetime), and the
    shape of the query must not depend on them.
    """

    def __init__(self, build, *kinds):
        self._build, self._kinds = build, kinds
        self._made = {}

    def __call__(self, *values):
        connection = connections["default"]
        queryset, compiler, sql, params, places, converters = self._of(connection)
        bound = list(params)
        for place, number in places:
            bound[place] = _adapted(values[number], connection)
        ready = copy(compiler)
        # Each thread has its own.
        ready.connection = connection
        ready.as_sql = lambda *args, **kwargs: (sql, tuple(bound))
        ready.get_converters = lambda expressions: converters
        query = copy(queryset.query)
        query.get_compiler = lambda *args, **kwargs: ready
        found = type(queryset)(queryset.model, query)
        found._iterable_class, found._fields = queryset._iterable_class, queryset._fields
        return found

    def _of(self, connection):
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._make(connection)
        return made

    def _make(self, connection):
        stand_ins = [_stand_in(kind, number) for number, kind in enumerate(self._kinds)]
        queryset = self._build(*stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        wanted = [_adapted(value, connection) for value in stand_ins]
        places = [(place, wanted.index(param)) for place, param in enumerate(params) if param in wanted]
        if {number for _place, number in places} != set(range(len(wanted))):
            raise ValueError("Not every argument stands in the query.")
        # As `results_iter` asks for them each time; they take the connection as an argument.
        converters = compiler.get_converters([expression for expression, *_rest in compiler.select])
        # The one of the thread that came first must not be kept by the others.
        compiler.connection = None
        return queryset, compiler, sql, params, places, converters


def _stand_in(kind, number):
    """A value that nobody would write into a query, to be found again in its parameters."""
    if kind is int:
        return 7_310_958_420_113 + number
    if kind is str:
        return f"stand-in-{number}-7310958420113"
    return datetime(1731, 9, 5, 8, 42, 11, 31, tzinfo=UTC) + timedelta(seconds=number)


def _adapted(value, connection):
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
