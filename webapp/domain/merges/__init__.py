"""Duplicates: two spellings of one company, two rows of one human.

candidates  what may be the same, for an organizer to look at
touching    the tours that a merge has to do with
companies, joining, humans  the merge itself
refusing    why two things stay apart
"""

from webapp.domain.merges.candidates import (
    OrganizationPair,
    PersonPair,
    Sign,
    find_organizations,
    find_people,
    tell_apart,
)
from webapp.domain.merges.companies import merge_organizations
from webapp.domain.merges.humans import merge_people
from webapp.domain.merges.refusing import MergeRefused, Why
from webapp.domain.merges.touching import Touched, by_organizations, by_people

__all__ = [
    "MergeRefused",
    "OrganizationPair",
    "PersonPair",
    "Sign",
    "Touched",
    "Why",
    "by_organizations",
    "by_people",
    "find_organizations",
    "find_people",
    "merge_organizations",
    "merge_people",
    "tell_apart",
]
