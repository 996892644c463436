"""``clary algorithms``: what the built-in algorithms do, read and take."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table

from clary.cli.console import out
from clary.compute.cards import Cards
from clary.core.exchange import Document

COMMAND = "clary algorithms --markdown > docs/reference/algorithms.md"
"""What writes the page anew."""


def algorithms(
    name: Annotated[str, typer.Argument(help="An algorithm, for example kmeans; all when left out.")] = "",
    markdown: Annotated[bool, typer.Option(help="Print everything about all of them as a page.")] = False,
) -> None:
    """List the built-in algorithms, or say what one of them reads and takes.

    **Examples**

    * `clary algorithms`

    * `clary algorithms kmeans`
    """
    cards = Cards()
    if markdown:
        typer.echo(page(cards.all()), nl=False)
    elif name:
        _show(name, cards.card(name))
    else:
        _list(cards.all())


def page(cards: dict[str, Document]) -> str:
    """Return the page of the documentation that says all of every algorithm."""
    lines = [
        "# Built-in algorithms",
        "",
        f"{len(cards)} algorithms. Written by `{COMMAND}`; `clary algorithms NAME` says the same of one.",
        "Images are named `NAME:1`, or what `sagemaker.image_uris.retrieve` gives. What an algorithm needs",
        "beyond the base installation is an extra: `pip install 'clary[torch]'`, or `'clary[algorithms]'`",
        "for all.",
        "",
        "| algorithm | what it does | several hosts | needs |",
        "|---|---|---|---|",
    ]
    for name, card in cards.items():
        several = "yes" if card["TrainingSpecification"]["SupportsDistributedTraining"] else "no"
        about, needs = card["AlgorithmDescription"], ", ".join(card["RequiredExtras"])
        lines.append(f"| [{name}](#{name}) | {about} | {several} | {needs} |")
    for name, card in cards.items():
        lines += ["", f"## {name}", "", card["AlgorithmDescription"], "", *_details(card)]
    return "\n".join(lines) + "\n"


def _details(card: Document) -> Iterator[str]:
    training, hosting = card["TrainingSpecification"], card["InferenceSpecification"]
    yield "| channel | content types | |"
    yield "|---|---|---|"
    for channel in training["TrainingChannels"]:
        required = "required; " if channel["IsRequired"] else ""
        types = ", ".join(channel["SupportedContentTypes"])
        yield f"| `{channel['Name']}` | {types} | {required}{_cell(channel['Description'])} |"
    yield ""
    yield f"Input modes: {', '.join(training['TrainingChannels'][0]['SupportedInputModes'])}. "
    yield f"Requests: {', '.join(hosting['SupportedContentTypes'])}. "
    yield f"Answers: {', '.join(hosting['SupportedResponseMIMETypes'])}."
    goals = {each["MetricName"]: each["Type"] for each in training["SupportedTuningJobObjectiveMetrics"]}
    if goals:
        told = ", ".join(f"`{metric}` ({way.lower()})" for metric, way in goals.items())
        yield f"A tuning job may aim at: {told}."
    yield ""
    yield "| hyperparameter | default | |"
    yield "|---|---|---|"
    for each in training["SupportedHyperParameters"]:
        default = "required" if each["IsRequired"] else _code(each.get("DefaultValue", ""))
        yield f"| `{each['Name']}` | {default} | {_cell(each['Description'])} |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _list(cards: dict[str, Document]) -> None:
    table = Table("algorithm", "what it does", "missing here", box=None, header_style="bold")
    for name, card in cards.items():
        table.add_row(name, card["AlgorithmDescription"], ", ".join(card["MissingExtras"]))
    out.print(table)
    missing = sorted({extra for card in cards.values() for extra in card["MissingExtras"]})
    if missing:
        out.print(f"Install what is missing: pip install 'clary[{','.join(missing)}]'", markup=False)


def _show(name: str, card: Document) -> None:
    training = card["TrainingSpecification"]
    out.print(f"[bold]{name}[/] {card['AlgorithmDescription']}")
    for channel in training["TrainingChannels"]:
        required = " (required)" if channel["IsRequired"] else ""
        types = ", ".join(channel["SupportedContentTypes"])
        out.print(f"channel {channel['Name']}{required}: {types}", markup=False, highlight=False)
    table = Table("hyperparameter", "default", "", box=None, header_style="bold")
    for each in training["SupportedHyperParameters"]:
        default = "required" if each["IsRequired"] else each.get("DefaultValue", "")
        table.add_row(each["Name"], default, each["Description"])
    out.print(table)
