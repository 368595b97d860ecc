"""What `make mutants` prints."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping

from scripts.mutants.judging import Outcome


def line(index: int, outcome: Outcome) -> str:
    """One outcome, as soon as it is there."""
    found = f"caught by {outcome.codes[0]}: " if outcome.state == "caught" else f"{outcome.state.upper()} "
    subject = f"{outcome.subject.group}: {outcome.subject.name}"
    return f"{index:4} {subject}  {found}{outcome.sentence}  ({outcome.requests} requests, {outcome.seconds:.1f} s)"


def table(outcomes: list[Outcome], baselines: Mapping[str, Mapping[str, int]]) -> str:
    """Figures by class, as Markdown."""
    groups = list(dict.fromkeys(outcome.subject.group for outcome in outcomes))
    total = Counter(outcome.subject.group for outcome in outcomes)
    caught = Counter(outcome.subject.group for outcome in outcomes if outcome.state == "caught")
    heads = ["class", "servers", "caught", *baselines]
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
    for group in groups:
        cells = [total[group], caught[group], *(figures[group] for figures in baselines.values())]
        lines.append(f"| {group} | {' | '.join(map(str, cells))} |")
    sums = [total.total(), caught.total(), *(sum(figures.values()) for figures in baselines.values())]
    lines.append(f"| **all** | {' | '.join(f'**{number}**' for number in sums)} |")
    return "\n".join(lines)


def findings_per_defect(outcomes: Iterable[Outcome]) -> str:
    """How many findings one defect makes; only meaningful if each server was judged to the end."""
    counts = sorted(len(outcome.codes) for outcome in outcomes if outcome.codes)
    if not counts:
        return "no findings"
    high = counts[min(len(counts) - 1, int(len(counts) * 0.95))]
    at_most = sum(count <= 3 for count in counts) / len(counts)
    return (
        f"findings for each defect: median {statistics.median(counts):g}, 95th percentile {high}, most {counts[-1]}; "
        f"{at_most:.0%} have at most 3"
    )
