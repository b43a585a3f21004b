"""Addresses of imports, under /contacts/: the list, and the steps of one in their order."""

from django.urls import path

from contacts.imports import steps, views

urlpatterns = [
    path("import/", views.imports, name="imports"),
    path("import/new/", views.import_new, name="import-new"),
    path("import/<int:pk>/map/", views.import_map, name="import-map"),
    path("import/<int:pk>/read/", views.import_read, name="import-read"),
    path("import/<int:pk>/check/", steps.import_check, name="import-check"),
    path("import/<int:pk>/choose/", steps.import_choose, name="import-choose"),
    path("import/<int:pk>/use/", steps.import_use, name="import-use"),
    path("import/<int:pk>/run/", steps.import_run, name="import-run"),
    path("import/<int:pk>/cancel/", steps.import_cancel, name="import-cancel"),
    path("import/<int:pk>/result/", steps.import_result, name="import-result"),
    path("import/<int:pk>/rejects/", steps.import_rejects, name="import-rejects"),
    path("import/<int:pk>/revert/", steps.import_revert, name="import-revert"),
]
