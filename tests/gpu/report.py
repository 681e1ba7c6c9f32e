"""The final tables of the check, in Markdown."""

from collections.abc import Mapping, Sequence

from tests.gpu.parts import Finding, Part, Report

MARKS = {True: "passed", False: "FAILED", None: "skipped"}


def line_of(finding: Finding) -> str:
    """A finding as a log line."""
    return f"{MARKS[finding.passed]:7}  {finding.what}: {finding.result}"


def markdown(machine: Mapping[str, str], parts: Sequence[Part], reports: Sequence[Report]) -> str:
    """The machine, the speeds, and the findings part by part."""
    blocks = [[f"- {name}: {value}" for name, value in machine.items()]]
    speeds = [f for report in reports if report.part == "speed" for f in report.findings]
    measured = [finding for finding in speeds if finding.numbers]
    if measured:
        from tests.gpu.speed import table

        blocks.append(table(machine["device"], measured))
    blocks.append(_table_of_parts({part.name: part.title for part in parts}, reports))
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _table_of_parts(titles: Mapping[str, str], reports: Sequence[Report]) -> list[str]:
    """One row per part, and one per finding that did not pass."""
    lines = ["| part | result | seconds |", "| --- | --- | ---: |"]
    for report in reports:
        lines.append(f"| {titles[report.part]} | {_counts(report)} | {report.seconds:.0f} |")
        lines += [
            f"| · {_cell(finding.what)} | {MARKS[finding.passed]}: {_cell(finding.result)} | |"
            for finding in report.findings
            if finding.passed is not True
        ]
    return lines


def _counts(report: Report) -> str:
    verdicts = [finding.passed for finding in report.findings]
    counts = {mark: verdicts.count(passed) for passed, mark in MARKS.items()}
    parts = [f"{count} {mark}" for mark, count in counts.items() if count]
    return ", ".join(parts) or "FAILED: nothing was checked"


def _cell(text: str) -> str:
    """Text that cannot break its table cell."""
    return " ".join(text.split()).replace("|", "/")
