"""How an application runs at a centre: what the steps of the regulation's channel make people there do.

Diagram 1 certifies and sends in one go; the short form accepts against a receipt, hands the package over, collects the
result and hands it out. What a flow does not name, happens without a step of its own.
"""

from dataclasses import dataclass

from shared.messages.systems import System
from shared.regulations.actions import Action
from shared.regulations.model import Channel


@dataclass(frozen=True)
class Course:
    """What a channel's flow has of the centre's actions."""

    actions: frozenset[Action]

    @property
    def accepts(self) -> bool:
        """Whether the package is accepted in a step of its own, against the receipt."""
        return Action.ACCEPT_PACKAGE in self.actions

    @property
    def hands_over(self) -> bool:
        """Whether the accepted package is handed to the provider in a step of its own."""
        return Action.HAND_TO_PROVIDER in self.actions

    @property
    def collects(self) -> bool:
        """Whether a worker collects the result from the provider."""
        return Action.COLLECT_RESULT in self.actions


def course_of(channel: Channel) -> Course:
    """The course of a channel."""
    return Course(frozenset(step.action for step in channel.steps))


def of_a_centre(channel: Channel) -> bool:
    """Whether it is people of a centre who take the documents in this channel, and not the provider's own."""
    return bool(channel.steps) and channel.steps[0].actor is System.CSC
