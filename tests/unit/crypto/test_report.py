"""The verdict: three values, and the first reason first."""

from shared.crypto.report import Check, Indication, SubIndication, ValidationReport, failed, indeterminate

PASSED = Check(1, "chain")
UNSURE = indeterminate(3, "revocation", "silent")
WRONG = failed(5, "signature", SubIndication.SIG_CRYPTO_FAILURE, "does not fit")


class TestIndication:
    def test_all_passed(self) -> None:
        assert ValidationReport((PASSED, PASSED)).passed

    def test_failed_outweighs_indeterminate(self) -> None:
        assert ValidationReport((PASSED, UNSURE, WRONG)).indication is Indication.FAILED

    def test_indeterminate_outweighs_passed(self) -> None:
        report = ValidationReport((PASSED, UNSURE))
        assert report.indication is Indication.INDETERMINATE
        assert not report.passed

    def test_no_checks_prove_nothing(self) -> None:
        assert ValidationReport(()).indication is Indication.INDETERMINATE


class TestReport:
    def test_collecting_stops_at_the_first_check_not_passed(self) -> None:
        checks = iter((PASSED, WRONG, UNSURE))
        report = ValidationReport.of(checks)
        assert report.checks == (PASSED, WRONG)
        assert next(checks) is UNSURE  # the later step was not even made

    def test_failure_is_the_first_reason(self) -> None:
        assert ValidationReport((PASSED, UNSURE, WRONG)).failure is UNSURE
        assert ValidationReport((PASSED,)).failure is None

    def test_as_json(self) -> None:
        assert ValidationReport((PASSED, UNSURE)).as_dict() == {
            "indication": "indeterminate",
            "checks": [
                {"n": 1, "name": "chain", "indication": "passed"},
                {
                    "n": 3,
                    "name": "revocation",
                    "indication": "indeterminate",
                    "sub_indication": "TRY_LATER",
                    "detail": "silent",
                },
            ],
        }
