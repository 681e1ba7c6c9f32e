"""The help page of the command line: options in groups, then examples."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from superpos_core.errors import InvalidValue, printable
from superpos_core.task.options import Heading, Options, options_of
from superpos_tui.command_line.completion import FILES, Names, completions, described
from superpos_tui.command_line.config_file import InvalidPreset

EXAMPLES = """\
superpos-tui                                   the experiment twenty, live
superpos-tui --model linear --sparsity 0,0.9   one model at two sparsities
superpos-tui --features 5 --hidden 2 --importance 1 --sparsity 0.95
superpos-tui --export out/ --formats png,svg   no screen: all into out/
superpos-tui out/                              open a run, even in training
"""


VARIABLES = "SUPERPOS_"
"""The prefix of the environment variables that set options."""


def variable_of(option: str) -> str:
    """The variable that sets an option, such as ``SUPERPOS_LEARNING_RATE``."""
    return VARIABLES + option.upper().replace("-", "_")


class GroupedOption(click.Option):
    """An option with a help heading and a rule for being given more than once.

    Lists are concatenated; two different values for any other option are refused. An ``is_preset``
    option can also be set in the environment and in the config file; others say what to do once.
    ``names`` are those that it takes, for completion in the shell.
    """

    def __init__(
        self,
        *args: Any,
        group: str,
        is_list: bool = False,
        default: Any = None,
        is_preset: bool = True,
        names: Names = (),
        **kwargs: Any,
    ) -> None:
        self.group = group
        self.names = names
        self.is_list = is_list
        self.is_preset = is_preset
        if kwargs.get("is_flag"):
            kwargs["default"] = bool(default)
        else:
            kwargs |= {"multiple": True, "default": [] if default is None else [default]}
        super().__init__(*args, **kwargs)
        if is_preset:
            self.envvar = variable_of(self.long_name)

    @property
    def long_name(self) -> str:
        """Its name on the command line, without the leading dashes."""
        return max(self.opts, key=len).lstrip("-")

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The value of the variable as if it had been typed; raises ``InvalidValue``."""
        text = self.resolve_envvar_value(ctx)
        if text is None or not self.is_flag:
            return None if text is None else [text]
        try:
            return click.BOOL.convert(text, self, ctx)
        except click.BadParameter:
            wrong = InvalidValue(str(self.envvar), text, "it is on or off", "1 or 0")
            raise InvalidPreset("", wrong) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names or paths that start as typed."""
        if self.metavar in FILES:
            return [CompletionItem(incomplete, type=FILES[self.metavar])]
        return completions(self.names, incomplete, is_list=self.is_list)

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """One text, or ``None`` if none is given; raises ``InvalidValue``."""
        values = super().process_value(ctx, value)
        if self.is_flag:
            return values
        given = tuple(dict.fromkeys(values)) if not self.is_list else tuple(values)
        if len(given) > 1 and not self.is_list:
            both = " and ".join(map(printable, given))
            raise InvalidValue(self.long_name, both, "it takes one value", "one of them")
        return ",".join(given) if given else None


def option(group: str, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """``click.option`` under a heading."""
    return click.option(*args, **{"cls": GroupedOption, "group": group, **kwargs})


def config_options(heading: Heading, config: type[Options]) -> Callable[[Any], Any]:
    """Options for the fields of a config that belong under this heading."""

    def decorate(command: Any) -> Any:
        for each in reversed(options_of(config)):
            if each.heading == heading:
                named = option(
                    heading,
                    f"--{each.name}",
                    each.field,
                    metavar=each.metavar,
                    help=each.help,
                    is_list=each.takes.is_list,
                    names=described(getattr(each.takes, "known", {})),
                )
                command = named(command)
        return command

    return decorate


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups, with examples at the end."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section per group, in the order of the options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups.setdefault(getattr(parameter, "group", "Other"), []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, line by line."""
        with formatter.section("Examples"):
            for line in EXAMPLES.splitlines():
                formatter.write(f"  {line}\n")
