"""How templates are found and what each may use, for Ligne and for the sandbox alike."""

# Cotton and partials break each other silently with their automatic loaders, in both orders: listed by hand.
LOADERS = [
    (
        "template_partials.loader.Loader",
        [
            (
                "django.template.loaders.cached.Loader",
                [
                    "django_cotton.cotton_loader.Loader",
                    "django.template.loaders.filesystem.Loader",
                    "django.template.loaders.app_directories.Loader",
                ],
            )
        ],
    )
]
BUILTINS = [
    "django_cotton.templatetags.cotton",
    "template_partials.templatetags.partials",
    "django.templatetags.i18n",
    "django.templatetags.static",
    "teams.templatetags.ligne",
]
