"""Tags and lists of many people, each with their own: pairs are compared with those that stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from contacts.models import ContactTag, ListMember
from crm.api.contact_references import References

_Wanted = Sequence[set[int] | None]


def write(people: Mapping[int, int], references: References) -> set[int]:
    """`people`: the index of each in what was asked, by their id. Ids of those whose tags or lists changed.

    Three statements for tags and three for lists, at most.
    """
    tags = _pairs(ContactTag, "tag_id", people, references.tags, references.add_tags)
    return tags | _pairs(ListMember, "list_id", people, references.lists, references.add_lists)


def _pairs(
    model: Any, column: str, people: Mapping[int, int], exactly: _Wanted, besides: _Wanted
) -> set[int]:
    named = {pk: at for pk, at in people.items() if exactly[at] is not None or besides[at] is not None}
    if not named:
        return set()
    stand: dict[int, dict[int, int]] = {pk: {} for pk in named}
    for row_id, contact_id, label in model.objects.filter(contact__in=list(named)).values_list(
        "pk", "contact_id", column
    ):
        stand[contact_id][label] = row_id
    gone, made = [], []
    changed: set[int] = set()
    for pk, at in sorted(named.items()):
        only = exactly[at]
        wanted = (set(stand[pk]) if only is None else set(only)) | (besides[at] or set())
        added = wanted - stand[pk].keys()
        removed = stand[pk].keys() - wanted
        made += [model(contact_id=pk, **{column: label}) for label in sorted(added)]
        gone += [stand[pk][label] for label in removed]
        if added or removed:
            changed.add(pk)
    if gone:
        model.objects.filter(pk__in=gone).delete()
    # Somebody else may have put the same one there, or ended it: the one stays, the other is asked anew.
    model.objects.bulk_create(made, ignore_conflicts=True)
    return changed
