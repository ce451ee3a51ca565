from treatments.records.problems import error, warning


def test_problems_are_errors_or_warnings():
    wrong, doubtful = error(18, "total_ml", "No.", "total_differs"), warning(20, "performed_on", "Sure?", "too_soon")
    assert wrong.is_error and not doubtful.is_error
    assert doubtful.code == "too_soon"
