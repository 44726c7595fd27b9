"""`ruletag config`: every setting in force, and where it comes from."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from ruletag.cli.console import GOOD, put
from ruletag.cli.options import (
    Command,
    common_options,
    configuration,
    encoding_option,
    find_option,
    label_options,
    tagger_options,
)

# Keys whose option has another parameter name; a key without an option can only be set in the file.
_OPTIONS = {"lists": "lists", "memory": "no_memory", "map": "maps", "ignore": "ignored"}


class Setting(NamedTuple):
    """A key of the configuration, its value, and where it comes from: an option, a variable, a file, or the default."""

    key: str
    value: Any
    origin: str


@click.command(cls=Command, epilog="Example: ruletag config --guideline seed")
@click.option("--show", is_flag=True, help="Print the settings; the command does this anyway.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects: key, value, origin.")
@label_options
@encoding_option
@tagger_options
@common_options
def config(show: bool, as_json: bool, **options: Any) -> int:
    """Show every setting in force, and where it comes from.

    An option takes precedence over an environment variable, a variable over ruletag.toml, and that over the default.
    """
    settings = _settings(options)
    if as_json:
        put(json.dumps([setting._asdict() for setting in settings], ensure_ascii=False, indent=1))
    else:
        from tabulate import tabulate

        rows = [(key, _shown(value), origin) for key, value, origin in settings]
        put(tabulate(rows, headers=["key", "value", "from"], disable_numparse=True))
    return GOOD


def _settings(options: dict[str, Any]) -> list[Setting]:
    from ruletag.config_keys import KEYS
    from ruletag.engine import engine_name, why_plain
    from ruletag.folders import openable

    config_file = configuration()
    context = click.get_current_context()
    settings = []
    for key, field in KEYS.items():
        name = _OPTIONS.get(key, key)
        source = context.get_parameter_source(name)
        option = find_option(context.command, name)
        if source is ParameterSource.COMMANDLINE and option:
            settings.append(Setting(key, _value(key, options[name]), max(option.opts, key=len)))
        elif source is ParameterSource.ENVIRONMENT and option:
            settings.append(Setting(key, _value(key, options[name]), str(option.envvar)))
        elif key in config_file.values and config_file.path:
            settings.append(Setting(key, config_file.values[key], openable(config_file.path)))
        else:
            reason = why_plain() if key == "engine" else ""
            value = engine_name() if key == "engine" else field.default
            settings.append(Setting(key, value, f"default: {reason}" if reason else "default"))
    return settings


def _value(key: str, value: Any) -> Any:
    """The value of an option, as its key in the file would have it."""
    if key == "memory":
        return not value
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
