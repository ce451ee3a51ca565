from django.urls import path

from treatments.evidence.reading import views

app_name = "reading"
ROUND = "evidence/reading/<uuid:round_id>/"
urlpatterns = [
    path("evidence/reading/", views.rounds, name="rounds"),
    path("evidence/reading/open/", views.open_a_round, name="open"),
    path(ROUND, views.round_page, name="round"),
    path(f"{ROUND}readers/", views.ask_reader, name="ask-reader"),
    path(f"{ROUND}close/", views.close, name="close"),
    path(f"{ROUND}readings.csv", views.readings_csv, name="readings-csv"),
    path(f"{ROUND}columns.csv", views.columns_csv, name="columns-csv"),
    # What a reader sees: no id of the record stands in these.
    path("reading/", views.mine, name="mine"),
    path("reading/<slug:token>/", views.pair, name="pair"),
    path("reading/<slug:token>/pair.jpg", views.picture, name="picture"),
]
