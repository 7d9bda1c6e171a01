"""Switches of a service that count for all its replicas: kept in its database, read in the transaction that asks.

Who asks in its own transaction cannot miss a switch that was set before, in whichever process that was.
"""

from dataclasses import dataclass

from sqlmodel import Field, SQLModel


class SwitchColumns(SQLModel):
    """The table of a service's switches; each service that has some puts it into its own metadata."""

    name: str = Field(primary_key=True)
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """How a switch is set. What ``value`` means is said by whoever owns the switch; without a row it is as at the
    start."""

    name: str
    value: int | None
