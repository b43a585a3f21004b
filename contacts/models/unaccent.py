"""Text without its accents, in the database."""

from django.db import models


class Unaccent(models.Func):
    """`ligne_unaccent`: unaccent with its dictionary named, hence immutable, hence fit for an index."""

    function = "ligne_unaccent"
    output_field = models.TextField()
