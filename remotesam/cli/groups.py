"""Groups of options: a dataclass whose fields are options, so that commands share them without repeating them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Turns every dataclass that a command takes into options, one for each field.

    Typer reads options off a signature. There a parameter whose type is a dataclass is replaced by the dataclass's
    fields; for the call they are put together again.

    Args:
        command: A function all of whose parameters are annotated as Typer wants them, or with such a dataclass.

    Returns:
        The command as Typer takes it, with the same name and help.

    Example:
        >>> @dataclasses.dataclass
        ... class Size:
        ...     width: int = 3
        ...     height: int = 2
        >>> @with_groups
        ... def show(name: str, size: Size) -> None:
        ...     print(name, size)
        >>> list(inspect.signature(show).parameters)
        ['name', 'width', 'height']
        >>> show(name="pond", width=5, height=4)
        pond Size(width=5, height=4)
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    parameters: dict[str, inspect.Parameter] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        if dataclasses.is_dataclass(hints[name]):
            groups[name] = hints[name]
            parameters |= inspect.signature(hints[name], eval_str=True).parameters
        else:
            parameters[name] = parameter.replace(annotation=hints[name])

    def call(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{field.name: values.pop(field.name) for field in dataclasses.fields(group)})
        command(**values)

    # Not functools.wraps: it would show Typer the original signature.
    call.__name__, call.__doc__ = command.__name__, command.__doc__
    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters.values()]
    call.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined]
    call.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    return call
