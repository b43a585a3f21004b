"""Pages and control API of the sandbox. The gateway's own paths are answered by door.py, before these."""

from django.urls import URLPattern, URLResolver, include, path

from . import control, views

pages = [
    path("", views.home, name="home"),
    path("phone/", views.pick, name="pick"),
    path("phone/<str:number>", views.phone, name="phone"),
    path("phone/<str:number>/screen", views.screen, name="screen"),
    path("phone/<str:number>/do", views.act, name="act"),
    path("people", views.someone_new, name="someone-new"),
    path("faults", views.change_faults, name="faults"),
    path("reports", views.change_reports, name="reports"),
    path("start-over", views.start_over, name="start-over"),
]

api = [
    path("callbacks", control.callbacks),
    path("accepted", control.accepted),
    path("settings", control.settings),
    path("faults", control.faults),
    path("messages", control.messages),
    path("person", control.person),
    path("start-over", control.start_over),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("sandbox/api/", include(api)),
    path("", include((pages, "sandbox"))),
]

# Ligne's error pages belong to Ligne.
handler400 = "sms.sandbox.views.bad_request"
handler403 = "sms.sandbox.views.forbidden"
handler404 = "sms.sandbox.views.not_found"
handler500 = "sms.sandbox.views.server_error"
