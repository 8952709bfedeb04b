"""Configurations: plain data made into dataclasses, with errors that name the field."""

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Union


def parse(kind: type, values: Any, *, path: str) -> Any:
    """Make a dataclass of a mapping, nested ones included.

    Args:
        kind: The dataclass.
        values: Its fields.
        path: Where the mapping stands in the configuration, with a final dot; for messages.

    Raises:
        ValueError: A field is unknown, missing or of another type.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"configuration field '{path.removesuffix('.')}' is {values!r}; it takes dict(...)")
    hints = typing.get_type_hints(kind)
    fields = {item.name: item for item in dataclasses.fields(kind)}
    for name in values:
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ValueError(f"unknown configuration field '{path}{name}'{hint} It takes {sorted(fields)}")
    arguments = {}
    for name, item in fields.items():
        if name in values:
            arguments[name] = _convert(hints[name], values[name], path=f"{path}{name}")
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise ValueError(f"configuration field '{path}{name}' is missing; it takes {_name(hints[name])}")
    return kind(**arguments)


def _convert(kind: Any, value: Any, *, path: str) -> Any:
    origin, options = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return parse(typing.cast(type, kind), value, path=f"{path}.")
    if origin in (Union, types.UnionType):
        if value is None:
            if type(None) in options:
                return None
        else:
            return _convert(next(o for o in options if o is not type(None)), value, path=path)
    elif origin is Literal:
        if value in options:
            return value
        kind = " | ".join(map(repr, options))
    elif origin is tuple and isinstance(value, list | tuple):
        if options[-1] is Ellipsis or len(options) == len(value):
            return tuple(_convert(options[0], item, path=path) for item in value)
    elif origin is list and isinstance(value, list | tuple):
        return [_convert(options[0], item, path=f"{path}[{i}]") for i, item in enumerate(value)]
    elif origin is dict and isinstance(value, Mapping):
        return {key: _convert(options[1], item, path=f"{path}.{key}") for key, item in value.items()}
    elif kind is Any or (kind in (int, str, bool) and type(value) is kind):
        return value
    elif kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(f"configuration field '{path}' is {value!r}; it takes {_name(kind)}")


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind)
