"""The formats that stories arrive in. Each has one function: parse(text, as_of, file) -> `Parsed`."""

from articles.importing.formats import dump, markdown

# The names of `--format`, beside "auto".
PARSERS = {"dump": dump.parse, "markdown": markdown.parse}
# What a directory is searched for, and the format that a name's ending tells where the text does not.
ENDINGS = {".txt": "dump", ".md": "markdown"}


def detect(text, ending):
    """The name of a text's format. ending: that of the file's name, with its dot."""
    if text.startswith(f"{markdown.FENCE}\n"):
        return "markdown"
    if dump.HASHTAGS in text.split("\n"):
        return "dump"
    return ENDINGS.get(ending.lower(), "dump")
