from django.urls import path

from treatments.transfer import views

app_name = "transfer"
urlpatterns = [
    path("imports/", views.index, name="index"),
    path("imports/files/<uuid:import_file_id>/sheets/", views.sheets, name="sheets"),
    path("imports/files/<uuid:import_file_id>/columns/", views.columns, name="columns"),
    path("imports/files/<uuid:import_file_id>/answers/", views.answers, name="answers"),
    path("imports/files/<uuid:import_file_id>/preview/", views.preview, name="preview"),
    path("imports/files/<uuid:import_file_id>/doubles/", views.doubles, name="doubles"),
    path("imports/files/<uuid:import_file_id>/refused/", views.refused, name="refused"),
    path("imports/files/<uuid:import_file_id>/remove/", views.remove, name="remove"),
    path("imports/<uuid:import_id>/", views.one_import, name="import"),
    path("imports/<uuid:import_id>/take-back/", views.take_back, name="take-back"),
    path("exports/workbook/", views.workbook, name="workbook"),
]
