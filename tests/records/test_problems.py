from treatments.records.problems import error, errors, warning, warnings


def test_problems_are_errors_or_warnings():
    """Problems part into errors and warnings."""
    wrong, doubtful = error(18, "total_ml", "No."), warning(20, "performed_on", "Sure?", "too_soon")
    assert errors([wrong, doubtful]) == [wrong]
    assert warnings([wrong, doubtful]) == [doubtful]
    assert wrong.is_error and not doubtful.is_error
    assert doubtful.code == "too_soon"
