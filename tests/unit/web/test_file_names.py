"""A name comes back as the person wrote it, whichever way it was sent, and never as something else."""

import unicodedata
from email.message import Message
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web import file_names
from shared.web.file_names import LONGEST, disposition, fit_name, name_in

KAZAKH = "Баланың туу туралы куәлігі.pdf"


def as_octets(text: str) -> str:
    """As servers hand on a header field that holds UTF-8."""
    return text.encode().decode("latin-1")


class TestComingIn:
    @pytest.mark.parametrize(
        ("stated", "name"),
        [
            (None, ""),
            ("", ""),
            ("attachment", ""),
            ("attachment; filename=", ""),
            ('attachment; filename=""', ""),
            ("attachment; filename=a.pdf", "a.pdf"),
            ("attachment; filename=my file.pdf; size=3", "my file.pdf"),
            ('attachment; filename="a;b.pdf"', "a;b.pdf"),
            ('attachment;FILENAME = "a.pdf"', "a.pdf"),
            ('form-data; name="filename"; filename="a.pdf"', "a.pdf"),
            ('attachment; filename="a\\"b\\\\c.pdf"', 'a"b\\c.pdf'),
            ('attachment; filename="C:\\Users\\a\\b.pdf"', "C:\\Users\\a\\b.pdf"),
            ('attachment; filename="open', "open"),
            ('attachment; filename="open\\', "open\\"),
            (f"attachment; filename*=UTF-8''{quote(KAZAKH)}", KAZAKH),
            (f"attachment; filename=\"fallback.pdf\"; filename*=utf-8'kk'{quote(KAZAKH)}", KAZAKH),
            (f"attachment; filename*=UTF-8''{quote(KAZAKH)}; filename=\"fallback.pdf\"", KAZAKH),
            (f"attachment; filename*=\"UTF-8''{quote(KAZAKH)}\"", KAZAKH),
            ("attachment; filename*=ISO-8859-1''%E9t%E9.pdf", "été.pdf"),
            ("attachment; filename*=windows-1251''%CA%EE%F8.pdf", "Кош.pdf"),
            ("attachment; filename=\"a.pdf\"; filename*=klingon''%00", "a.pdf"),
            ("attachment; filename=\"a.pdf\"; filename*=UTF-8''%ff%fe", "a.pdf"),
            ('attachment; filename="a.pdf"; filename*=nonsense', "a.pdf"),
            (as_octets(f'attachment; filename="{KAZAKH}"'), KAZAKH),
            (as_octets(f"attachment; filename={KAZAKH}"), KAZAKH),
            (as_octets(f"attachment; filename*=UTF-8''{KAZAKH}"), KAZAKH),
            ('attachment; filename="\xe9t\xe9.pdf"', "été.pdf"),
            ('attachment; filename="=?UTF-8?B?0JrQvtGILnBkZg==?="', "Кош.pdf"),
            ('attachment; filename="=?utf-8?Q?=D0=9A=D0=BE=D1=88.pdf?="', "Кош.pdf"),
            ('attachment; filename="=?utf-8?B?0JrQvg==?= =?utf-8?B?0YgucGRm?="', "Кош.pdf"),
            ('attachment; filename="=?klingon?B?0JrQvtGILnBkZg==?="', "=?klingon?B?0JrQvtGILnBkZg==?="),
            (f'attachment; filename="{quote(KAZAKH)}"', KAZAKH),
            ('attachment; filename="100%25.pdf"', "100%25.pdf"),
            ('attachment; filename="a%22b.pdf"', 'a"b.pdf'),
            ("attachment; filename*0*=UTF-8''%D0%9A; filename*1=.pdf", "К.pdf"),
            ('attachment; filename*0="a"; filename*1="b.pdf"', "ab.pdf"),
        ],
    )
    def test_is_understood(self, stated: str | None, name: str) -> None:
        assert name_in(stated) == name

    @given(stated=st.text(st.characters(max_codepoint=255), max_size=80))
    def test_whatever_it_states_is_taken(self, stated: str) -> None:
        fit_name(name_in("attachment; filename" + stated))

    @pytest.mark.parametrize(
        "stated", ['a; filename="' + '\\"' * 30_000, "a" + "; x=1" * 6000, ";=" * 10_000, "a;" * 9000]
    )
    def test_a_hostile_one_costs_no_more_than_its_length(self, stated: str) -> None:
        assert len(name_in(stated)) <= len(stated)


class TestKept:
    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            (KAZAKH, KAZAKH),
            (unicodedata.normalize("NFD", "Мой файл й.pdf"), "Мой файл й.pdf"),
            ("..\\..\\x", "x"),
            ("/etc/passwd", "passwd"),
            ("C:\\Users\\a\\Көш.pdf", "Көш.pdf"),
            ("../..", ""),
            ("a/", ""),
            ("a\r\nSet-Cookie: b=1.pdf", "a__Set-Cookie: b=1.pdf"),
            ("a\0.pdf", "a_.pdf"),
            ("a\u2028b\x85c.pdf", "a_b_c.pdf"),
            ("invoice\u202efdp.exe", "invoicefdp.exe"),
            ("\u2066a\u2069\u200f\ufeff.pdf", "a.pdf"),
            ("a\ud800.pdf", "a?.pdf"),
            ("a\u00a0b.pdf", "a b.pdf"),
            ("👩\u200d👧.png", "👩\u200d👧.png"),
            ("", ""),
            (" . ", ""),
            (".pdf", ""),
            (".hidden.pdf", "hidden.pdf"),
            ('say "hi" 100%.pdf', 'say "hi" 100%.pdf'),
            ("trailing. ", "trailing"),
        ],
    )
    def test_as_it_was_written(self, name: str, kept: str) -> None:
        assert fit_name(name) == kept

    @pytest.mark.parametrize(
        ("name", "ending"),
        [
            ("x" * 300 + ".pdf", ".pdf"),
            ("ы" * 200 + ".pdf", ".pdf"),
            ("世" * 200 + ".jpeg", ".jpeg"),
            ("👩" * 100 + ".png", ".png"),
            ("x" * 300, "x"),
            ("x." + "y" * 300, "y"),
            ("a" + "\u0323" * 300 + ".pdf", ".pdf"),
        ],
    )
    def test_too_long_a_one_keeps_its_ending(self, name: str, ending: str) -> None:
        kept = fit_name(name)
        assert kept.endswith(ending)
        assert len(kept.encode()) <= LONGEST
        assert kept[:1] in {name[:1], unicodedata.normalize("NFC", name)[:1], "."}

    def test_of_a_hostile_one_only_the_ends_are_put_in_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Accents without number are sorted in a time that grows with their square."""
        ordered: list[int] = []
        normalize = unicodedata.normalize

        def counted(form: str, text: str) -> str:
            ordered.append(len(text))
            return normalize(form, text)

        monkeypatch.setattr(file_names.unicodedata, "normalize", counted)
        kept = fit_name("a" + "\u0301\u0316" * 8000 + ".pdf")
        assert kept.endswith(".pdf")
        assert max(ordered) < 5000

    def test_two_hundred_letters_stay(self) -> None:
        assert fit_name("x" * 196 + ".pdf") == "x" * 196 + ".pdf"

    @given(name=st.text(max_size=400))
    def test_a_name_that_was_kept_is_fit(self, name: str) -> None:
        kept = fit_name(name)
        assert fit_name(kept) == kept
        assert len(kept.encode()) <= LONGEST


class TestGoingOut:
    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("", "attachment"),
            ("a.pdf", 'attachment; filename="a.pdf"'),
            ("Көш.pdf", "attachment; filename=\"___.pdf\"; filename*=UTF-8''%D0%9A%D3%A9%D1%88.pdf"),
            ("été.pdf", "attachment; filename=\"ete.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf"),
            ('a"b\\c%41.pdf', "attachment; filename=\"c_41.pdf\"; filename*=UTF-8''c%2541.pdf"),
            ("a\r\nX: 1", 'attachment; filename="a__X: 1"'),
            ("a\ud800", 'attachment; filename="a?"'),
        ],
    )
    def test_both_ways(self, name: str, field: str) -> None:
        assert disposition("attachment", name) == field

    @given(name=st.text(max_size=100))
    def test_what_goes_out_comes_in_again(self, name: str) -> None:
        field = disposition("attachment", name)
        assert field.isascii()
        assert field.isprintable()
        assert name_in(field) == fit_name(name)
        parsed = Message()
        parsed["Content-Disposition"] = field
        assert parsed.get_content_disposition() == "attachment"
