"""The help page of the command line: options in groups, then examples."""

from collections.abc import Callable
from typing import Any

import click

from superpos_tui.config_fields import FIELDS

EXAMPLES = """\
superpos-tui                                   the seed experiment, live
superpos-tui --model linear --sparsity 0,0.9   one model at two sparsities
superpos-tui --features 5 --hidden 2 --importance 1 --sparsity 0.95
superpos-tui --export out/ --formats png,svg   no screen: all into out/
"""


class GroupedOption(click.Option):
    """An option that knows under which heading it stands."""

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


def option(group: str, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """``click.option`` under a heading."""
    return click.option(*args, cls=GroupedOption, group=group, **kwargs)


def setting_options(group: str) -> Callable[[Any], Any]:
    """One option for each setting of an experiment that belongs under this heading."""

    def decorate(command: Any) -> Any:
        for field in reversed(FIELDS):
            if field.group == group:
                named = option(
                    group, f"--{field.option}", field.name, metavar=field.metavar, help=field.help
                )
                command = named(command)
        return command

    return decorate


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups, with examples at the end."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section a group; the order is that of the options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(parameter, "group", "Other"), []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, line by line."""
        with formatter.section("Examples"):
            for line in EXAMPLES.splitlines():
                formatter.write(f"  {line}\n")
