"""Queries whose SQL is made once a process. Django makes it anew for each query, which costs several times what the
database asks for to answer it; where pages are compiled and members recognised, that is most of the work.
"""

from datetime import UTC, datetime, timedelta
from operator import itemgetter

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators


class Prepared:
    """`Prepared(lambda a, b: QuerySet)(1, 2)` is the list of what the QuerySet `build(1, 2)` gives: rows of a model
    with those that `select_related` and `annotate` name, or what `values_list` names.

    The arguments must be values of a filter, each of the type of its kind in `kinds` (int, str or datetime), and the
    shape of the query must not depend on them.
    """

    def __init__(self, build, *kinds):
        self._build, self._kinds = build, kinds
        self._names = [f"argument_{number}" for number in range(len(kinds))]
        self._made = {}

    def __call__(self, *values):
        connection = connections[DEFAULT_DB_ALIAS]
        sql, constants, converters, told = self._of(connection)
        bound = {name: _adapted(value, connection) for name, value in zip(self._names, values, strict=True)}
        with connection.cursor() as cursor:
            cursor.execute(sql, bound | constants)
            rows = cursor.fetchall()
        return [told(row) for row in _converted(rows, converters, connection)]

    def _of(self, connection):
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._make(connection)
        return made

    def _make(self, connection):
        """(SQL, those of its parameters that are the same each time, converters of columns, what makes a result of a
        row). Its parameters have names: an argument that stands in it more than once is given once, and SQLite's need
        not be looked for in it each time."""
        stand_ins = [_stand_in(kind, number) for number, kind in enumerate(self._kinds)]
        queryset = self._build(*stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        names = {_adapted(value, connection): name for value, name in zip(stand_ins, self._names, strict=True)}
        places = [names.get(param, f"constant_{place}") for place, param in enumerate(params)]
        if not names.keys() <= set(params):
            raise ValueError("Not every argument stands in the query.")
        constants = {place: param for place, param in zip(places, params, strict=True) if param not in names}
        sql = sql.replace("%%", "%%%%") % tuple(f"%({place})s" for place in places)
        converters = compiler.get_converters([expression for expression, *_rest in compiler.select])
        return sql, constants, list(converters.items()), _told(queryset, compiler)


def _converted(rows, converters, connection):
    """Rows as the database tells them, in the types of their columns. converters: those of Django's compiler."""
    for row in map(list, rows):
        for place, (converters_of_column, expression) in converters:
            for convert in converters_of_column:
                row[place] = convert(row[place], expression, connection)
        yield row


def _told(queryset, compiler):
    """What makes of a row what a QuerySet of this kind makes of it."""
    if queryset._iterable_class is ModelIterable:
        return _instances(compiler)
    return itemgetter(0) if queryset._iterable_class is FlatValuesListIterable else tuple


def _instances(compiler):
    """What makes the model's instance of a row, as Django's ModelIterable does."""
    model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    names = [compiler.select[place][0].target.attname for place in places]
    relations = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)
    annotations = (compiler.annotation_col_map or {}).items()
    start, end = places[0], places[-1] + 1

    def instance(row):
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for relation in relations:
            relation.populate(row, made)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return instance


def _stand_in(kind, number):
    """A value that nobody would write into a query, to be found again in its parameters."""
    if kind is int:
        return 7_310_958_420_113 + number
    if kind is str:
        return f"stand-in-{number}-7310958420113"
    return datetime(1731, 9, 5, 8, 42, 11, 31, tzinfo=UTC) + timedelta(seconds=number)


def _adapted(value, connection):
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
