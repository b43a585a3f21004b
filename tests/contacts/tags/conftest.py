"""The people of these tests."""

from tests.contacts.people.conftest import camille

__all__ = ["camille"]
