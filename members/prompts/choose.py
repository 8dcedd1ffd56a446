"""Which prompt a reader sees in a story, if any: chosen from what is held in memory."""

from dataclasses import dataclass

from members.access import Audience
from members.prompts.models import Prompt


@dataclass(frozen=True)
class Running:
    """The prompts that run: all by id, and those for everywhere by language, the newest first."""

    prompts: dict
    everywhere: dict

    @classmethod
    def load(cls):
        """As the database has them now. One query."""
        prompts = {prompt.pk: prompt for prompt in Prompt.objects.running().order_by("-pk")}
        everywhere = {}
        for prompt in prompts.values():
            if prompt.everywhere:
                everywhere.setdefault(prompt.language, []).append(prompt.pk)
        return cls(prompts, everywhere)


def choose(own, language, reader, running):
    """The id of the prompt for a story with these prompts of its own (ids, best first) in a language, or None: its own
    before those for everywhere, the newest before the older. Members are never asked to join."""
    if reader.level >= Audience.MEMBERS:
        return None
    for pk in own:
        if pk in running.prompts:
            return pk
    return next(iter(running.everywhere.get(language, ())), None)
