"""TrainingSpecification: what an algorithm says it takes, held against what a job gives."""

from collections.abc import Iterator, Mapping, Sequence

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import algorithm, program

_PLATFORMS = ("_", "sagemaker_", "force_dense")
"""What the names of hyperparameters begin with that SDKs, tuners and platforms add to every job."""


def resolved(platform: Platform, job: Document) -> Document:
    """Return ``job`` with the image of the Algorithm that it names, and the algorithm's metrics.

    Raises ValidationException where there is no such algorithm, or the job has an image of its own as well.
    """
    asked = job["AlgorithmSpecification"]
    name = asked.get("AlgorithmName")
    if name is None:
        return job
    if asked.get("TrainingImage"):
        raise errors.validation(
            "AlgorithmSpecification: AlgorithmName and TrainingImage exclude each other. Give one of them."
        )
    card = algorithm.find(platform, name)["TrainingSpecification"]
    metrics = [*(asked.get("MetricDefinitions") or ()), *(card.get("MetricDefinitions") or ())]
    whole = {**asked, "TrainingImage": card["TrainingImage"], "MetricDefinitions": metrics}
    return {**job, "AlgorithmSpecification": whole}


def shown(job: Document) -> Document:
    """Return the AlgorithmSpecification of a job that names an Algorithm, less the image."""
    asked = job.get("AlgorithmSpecification") or {}
    if not asked.get("AlgorithmName"):
        return {}
    return {"AlgorithmSpecification": {name: asked[name] for name in asked if name != "TrainingImage"}}


def check(platform: Platform, job: Document) -> Document:
    """Return the card of the job's algorithm, empty for a program of the user's own.

    Raises ValidationException that names every hyperparameter and channel that the card rules out. The card
    of a built-in algorithm cannot tell of words that may stand for a number, nor of what depends on the data:
    the job does.
    """
    name = job["AlgorithmSpecification"].get("AlgorithmName")
    built_in = program.of(job).algorithm
    if name is None and built_in is None:
        return {}
    found = platform.cards.card(str(built_in)) if name is None else algorithm.find(platform, name)
    card: Document = found["TrainingSpecification"]
    if found.get("MissingExtras"):
        raise errors.validation(_lacking(str(name or built_in), found["MissingExtras"]))
    own = name is not None and algorithm.registered(platform, name) is not None
    problems = list(_hyperparameters(card, job.get("HyperParameters") or {}, words=not own))
    if name is not None:
        problems += _channels(card, job)
    if problems:
        raise errors.validation("; ".join(problems) + ".")
    return card


def contradictions(card: Document) -> Iterator[str]:
    """Yield what is wrong with a card in itself: names that come twice, ends and defaults that cannot be."""
    names = [each["Name"] for each in card.get("SupportedHyperParameters") or ()]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"hyperparameter {name!r} is declared more than once"
    for each in card.get("SupportedHyperParameters") or ():
        name, default = each["Name"], each.get("DefaultValue")
        try:
            low, high = _ends(each)
        except ValueError:
            yield f"the range of hyperparameter {name!r} has ends that are no numbers"
            continue
        if low > high:
            yield f"the range of hyperparameter {name!r} is empty: MinValue is above MaxValue"
        elif default is not None and each.get("IsRequired"):
            yield f"hyperparameter {name!r} is required, so it cannot have a default value"
        elif default is not None and not _allows({**each, "DefaultValue": None}, default, words=True):
            yield f"the default value {default!r} of hyperparameter {name!r} is not one: give {_rule(each)}"


def _lacking(name: str, extras: Sequence[str]) -> str:
    return (
        f"Algorithm {name} needs libraries that are not installed on this server. Install them there: "
        f"pip install 'clary[{','.join(extras)}]'"
    )


def _hyperparameters(card: Document, given: Mapping[str, str], *, words: bool) -> Iterator[str]:
    declared = {each["Name"]: each for each in card.get("SupportedHyperParameters") or ()}
    for name in given:
        if name not in declared and not name.startswith(_PLATFORMS):
            yield f"Additional hyperparameters are not allowed ({name!r} was unexpected)"
    for name, each in declared.items():
        rule = _rule(each)
        if name not in given:
            if each.get("IsRequired") and "DefaultValue" not in each:
                yield f"hyperparameter {name!r} is required: give {rule}"
        elif not _allows(each, given[name].strip(), words=words):
            yield f"{given[name]!r} is not a valid value of hyperparameter {name!r}: give {rule}"


def _allows(declared: Document, text: str, *, words: bool) -> bool:
    """Tell whether ``text`` is a legal value; ``words`` lets what is no number stand for one."""
    if text == declared.get("DefaultValue"):
        return True
    match declared["Type"]:
        case "FreeText":
            return True
        case "Categorical":
            values = _range(declared).get("Values")
            return values is None or text.lower() in map(str.lower, values)
    try:
        number = float(text)
    except ValueError:
        return words
    if declared["Type"] == "Integer" and not number.is_integer():
        return False
    low, high = _ends(declared)
    return low <= number <= high


def _rule(declared: Document) -> str:
    match declared["Type"]:
        case "FreeText":
            return "a text"
        case "Categorical":
            values = _range(declared).get("Values")
            return f"one of {', '.join(map(repr, values))}" if values else "a word"
        case kind:
            noun = "an integer" if kind == "Integer" else "a number"
            ends = _range(declared)
            return f"{noun} between {ends['MinValue']} and {ends['MaxValue']}" if ends else noun


def _range(declared: Document) -> Document:
    found: Document = (declared.get("Range") or {}).get(
        f"{declared['Type']}ParameterRangeSpecification"
    ) or {}
    return found


def _ends(declared: Document) -> tuple[float, float]:
    ends = _range(declared)
    return float(ends.get("MinValue", "-inf")), float(ends.get("MaxValue", "inf"))


def _channels(card: Document, job: Document) -> Iterator[str]:
    declared = {each["Name"]: each for each in card["TrainingChannels"]}
    given = {each["ChannelName"]: each for each in job.get("InputDataConfig") or ()}
    for name, each in declared.items():
        if each.get("IsRequired") and name not in given:
            yield f"channel {name!r} is required by the algorithm and missing from InputDataConfig"
    for name, channel in given.items():
        if name not in declared:
            yield f"channel {name!r} is not one of the algorithm's: {', '.join(declared)}"
        else:
            yield from _channel(declared[name], channel, job["AlgorithmSpecification"]["TrainingInputMode"])


def _channel(declared: Document, given: Document, mode: str) -> Iterator[str]:
    asked = (
        ("content type", given.get("ContentType"), declared["SupportedContentTypes"]),
        ("compression type", given.get("CompressionType"), declared.get("SupportedCompressionTypes")),
        ("input mode", given.get("InputMode") or mode, declared["SupportedInputModes"]),
    )
    for noun, value, supported in asked:
        if value and supported and not {value, value.partition(";")[0].strip()} & {*supported}:
            yield (
                f"{noun} {value!r} of channel {declared['Name']!r} is not one of the algorithm's: "
                f"{', '.join(supported)}"
            )
