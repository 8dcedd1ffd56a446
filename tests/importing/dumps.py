"""Page dumps of the real shape, made for tests."""

AUDIO = "Sign in or or Become a member to unlock the audio version of this article"
PROMPT = (
    "Keep the lamp lit.",
    "For nine years the Courier has printed what the council would rather whisper — at its own cost.",
    "Pay for the oil — become a Courier member today",
)
BUTTON = "Become a member"
TAGS = "Water, Upper Dzor, Dams"
BODY = (
    "The council met on Thursday and agreed on nothing.",
    "It will meet again next week, the mayor said.",
    "Advertisement",
    "Nobody in the hall seemed to mind.",
)
LINE = (
    "The ferry stayed at its post on Friday. The wind was blamed. Advertisement Passengers waited for three hours. "
    "'We had tea', one of them said."
)
FEATURES = ("Try Our AI Features", "Explore what Daily8 AI can do for you:")
NO_COMMENTS = ("No comments yet...",)


def related(
    headline="Ferry stays in port", text=LINE, source="OC Media", age="a day ago", dash=None, audio=None, prompt=PROMPT
):
    """The lines of a related story; what is None or empty has no line or words."""
    words = [audio, *(prompt or ()), BUTTON if prompt else "", text]
    dash = f"- {source}" if dash is None else dash
    line = " ".join(word for word in words if word)
    return ["", "", *[part for part in (source, age, dash, headline, line) if part]]


def dump(
    headline="Council agrees on nothing", audio=None, prompt=PROMPT, tags=TAGS, body=BODY, mark="Hashtags", hashtags=(),
    features=FEATURES, comments=NO_COMMENTS, stories=(),
):  # fmt: skip
    """The text of a page dump; what is None or empty has no line."""
    head = ["", headline, audio, *(prompt or ()), BUTTON if prompt else None, tags]
    tail = [mark, *hashtags, "", *features, *(("Comments", *comments) if comments is not None else ())]
    tail += ["Related Articles"] if stories is not None else []
    lines = [*head, *body, *tail, *(line for story in stories or () for line in story)]
    return "\n".join(line for line in lines if line is not None)
