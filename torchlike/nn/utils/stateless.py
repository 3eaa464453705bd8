"""Calling a module with other tensors in place of its parameters and buffers."""

from __future__ import annotations

from contextlib import contextmanager

_ABSENT = object()


@contextmanager
def _swapped(module, replacements: dict):
    """Put the tensors into the registries; put the old ones back at the end."""
    saved = []
    try:
        for path, tensor in replacements.items():
            scope, _, name = path.rpartition(".")
            owner = module.get_submodule(scope)
            table = _table(owner, name)
            saved.append((table, name, table.get(name, _ABSENT)))
            table[name] = tensor
        yield
    finally:
        for table, name, tensor in reversed(saved):
            if tensor is _ABSENT:
                del table[name]
            else:
                table[name] = tensor


def _table(owner, name: str) -> dict:
    """Where ``name`` is kept; a name the module lacks becomes a plain attribute."""
    for table in (owner._parameters, owner._buffers):
        if name in table:
            return table
    return owner.__dict__


def _with_ties(module, replacements: dict) -> dict:
    """Give tied tensors, known by several names, the same replacement."""
    names: dict[int, list[str]] = {}
    for listing in (module.named_parameters, module.named_buffers):
        for name, tensor in listing(remove_duplicate=False):
            names.setdefault(id(tensor), []).append(name)
    result = dict(replacements)
    for group in names.values():
        given = {id(replacements[n]): n for n in group if n in replacements}
        if len(given) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(group)}, which "
                "are tied. Consider using tie_weights=False"
            )
        for source in given.values():
            result.update(dict.fromkeys(group, replacements[source]))
    return result


def _check_keys(module, replacements: dict) -> None:
    own = {n for n, _ in module.named_parameters(remove_duplicate=False)}
    own |= {n for n, _ in module.named_buffers(remove_duplicate=False)}
    unexpected, missing = set(replacements) - own, own - set(replacements)
    found = []
    if unexpected:
        found.append(f"Unexpected key(s): {', '.join(map(repr, sorted(unexpected)))}.")
    if missing:
        found.append(f"Missing key(s): {', '.join(map(repr, sorted(missing)))}.")
    if found:
        raise RuntimeError(
            f"Error(s) in reparametrizing for {module._get_name()}:\n\t"
            + "\n\t".join(found)
        )


def functional_call(
    module,
    parameters_and_buffers,
    args=None,
    kwargs=None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
):
    """Call ``module`` with these tensors in place of its own of the same names."""
    if isinstance(parameters_and_buffers, (list, tuple)):
        replacements: dict = {}
        for part in parameters_and_buffers:
            replacements.update(part)
    else:
        replacements = dict(parameters_and_buffers)
    if strict:
        _check_keys(module, replacements)
    if tie_weights:
        replacements = _with_ties(module, replacements)
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _swapped(module, replacements):
        return module(*args, **(kwargs or {}))
