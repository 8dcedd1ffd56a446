"""Files of members as they come: in any encoding, cut, doubled, forged. Nobody is half imported, and every refusal says
on which line and what to do."""

import codecs
import zipfile

import pytest

from members.accounts import personal_data
from members.accounts.moving import load, table
from members.accounts.moving.table import Unreadable
from members.models import Grant, User
from tests.members.moving import GHOST, counts, file, imported, only_failure

pytestmark = pytest.mark.django_db

TWO = "email;name\nana@example.com;Ანა\nbeka@example.com;Бека\n"


def emails():
    return set(User.objects.values_list("email", flat=True))


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_unicode_and_every_line_end_is_read(encoding, end):
    report = imported(TWO.replace("\n", end).encode(encoding))
    assert counts(report) == {"created": 2}
    assert User.objects.get(email="ana@example.com").display_name == "Ანა"
    assert User.objects.get(email="beka@example.com").display_name == "Бека"


def test_a_file_of_windows_letters_is_refused_with_its_line_and_never_guessed_at():
    told = "email,name\nana@example.com,Ana\nbeka@example.com,Čavić\n".encode("cp1250")
    with pytest.raises(Unreadable, match="Line 3 is not in UTF-8"):
        imported(told)
    assert not emails()


@pytest.mark.parametrize(
    "told", [b"email,name\nana@example.com,A\0na\n", "email\nana@example.com\n".encode("utf-16-le")]
)
def test_zero_bytes_are_no_text(told):
    with pytest.raises(Unreadable, match="zero bytes"):
        imported(told)


def test_a_spreadsheet_or_an_archive_is_told_from_a_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("members.csv", "email\nana@example.com\n")
    with pytest.raises(Unreadable, match="Export it as CSV"):
        imported((tmp_path / "x.zip").read_bytes())


@pytest.mark.parametrize("told", [b"", b"\n\n", codecs.BOM_UTF8, b" ,, \n"])
def test_an_empty_file_says_so(told):
    with pytest.raises(Unreadable, match="empty"):
        imported(told)


# Tables


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_mark_between_cells_is_found(mark):
    told = f'"email"{mark}"name, or what; it is"\nana@example.com{mark}"Ana"\n'
    assert counts(imported(told.encode())) == {"created": 1}


def test_excels_own_first_line_is_passed_over():
    report = imported(b"sep=;\nemail;name\nana@example.com;Ana\nnobody;x\n")
    assert counts(report) == {"created": 1, "failed": 1}
    assert only_failure(report)[0] == 4


def test_lines_are_counted_as_the_file_has_them():
    """Blank lines and line breaks in cells count too: who looks there finds the row."""
    told = 'email,name\n\nana@example.com,"Ana\nof the\nmill"\n\nnobody,x\n'
    report = imported(told.encode())
    assert only_failure(report) == (7, "“nobody” is no address")
    assert User.objects.get().display_name == "Ana of the mill"


def test_an_unclosed_quotation_mark_refuses_the_whole_file():
    """Else it would swallow the people after it as somebody's name."""
    with pytest.raises(Unreadable, match="Line 4 cannot be read"):
        imported(b'email,name\nana@example.com,Ana\nbeka@example.com,"Beka\ngia@example.com,Gia\n')
    assert not emails()


def test_so_does_one_that_closes_too_early():
    with pytest.raises(Unreadable, match="Line 3 cannot be read"):
        imported(b'email,name\nana@example.com,Ana\nbeka@example.com,"Be"ka\n')
    assert not emails()


def test_what_cannot_be_read_at_the_end_of_a_long_file_lets_nothing_in_from_its_beginning(monkeypatch):
    monkeypatch.setattr(load, "BATCH", 2)
    lines = [f"reader{n}@example.com,x" for n in range(10)]
    with pytest.raises(Unreadable):
        imported(["email,name", *lines, 'last@example.com,"x'])
    assert not emails()


def test_a_cell_of_ten_megabytes_is_refused():
    with pytest.raises(Unreadable, match="Line 2 cannot be read"):
        imported(b"email,name\nana@example.com," + b"x" * 10_000_000 + b"\n")


def test_a_long_cell_that_is_not_read_is_no_matter():
    told = file(f"{GHOST},details", {"email": "ana@example.com", "details": "x" * 100_000, "name": "Ana"})
    assert counts(imported(told)) == {"created": 1}


@pytest.mark.parametrize("length", [101, 5_000])
def test_a_name_that_is_too_long_fails_its_row_alone(length):
    report = imported(["email,name", f"ana@example.com,{'x' * length}", "beka@example.com,Beka"])
    assert counts(report) == {"created": 1, "failed": 1}
    assert "shorten it" in only_failure(report)[1]


def test_more_columns_or_rows_or_bytes_than_any_list_of_members_has_are_refused(monkeypatch):
    with pytest.raises(Unreadable, match="columns"):
        imported(("email," + ",".join(f"c{n}" for n in range(300))).encode())
    monkeypatch.setattr(table, "ROWS_MAX", 2)
    with pytest.raises(Unreadable, match="rows"):
        imported(["email", "a@example.com", "b@example.com", "c@example.com"])
    monkeypatch.setattr(table, "BYTES_MAX", 10)
    with pytest.raises(Unreadable, match="megabytes"):
        imported(b"email\nana@example.com\n")
    assert not emails()


def test_a_row_with_too_many_cells_fails_and_one_with_too_few_has_blanks():
    report = imported(["email,name,language", "ana@example.com,Ana, of the mill,en", "beka@example.com"])
    assert counts(report) == {"created": 1, "failed": 1}
    line, why = only_failure(report)
    assert line == 2
    assert "quotation marks" in why


def test_a_file_without_addresses_names_what_it_has():
    with pytest.raises(Unreadable, match=r"A column is missing: email\. The first line has: Mail, Vorname"):
        imported(["Mail,Vorname", "ana@example.com,Ana"])


def test_two_columns_of_one_name_that_matters_are_refused_and_of_another_are_not():
    with pytest.raises(Unreadable, match="Two columns are called Email"):
        imported(["Email,name,E-mail,email", "ana@example.com,Ana,x,beka@example.com"])
    assert counts(imported(["email,phone,phone", "ana@example.com,1,2"])) == {"created": 1}


def test_a_format_that_is_named_must_be_the_files():
    with pytest.raises(Unreadable, match="complimentary plan"):
        imported(["email,name", "ana@example.com,Ana"], name="ghost")


# Addresses


@pytest.mark.parametrize(
    "cell", ["ANA@Example.COM", " ana@example.com ", "\u200bana@example.com\ufeff", "ana@example.com\u00a0"]
)
def test_an_address_is_known_however_it_is_written(cell, aram):
    imported(["email,name", "ana@example.com,Ana"])
    assert counts(imported(["email,name", f"{cell},Ana"])) == {"unchanged": 1}
    assert emails() == {"ana@example.com", aram.email}


@pytest.mark.parametrize(
    "cell", ["", "ana", "ana@", "@example.com", "ana@example", "ana@exa mple.com", "ana@example.com, b@example.com",
             "Ana <ana@example.com>", "a" * 250 + "@example.com", "ana@example.com\tx"]
)  # fmt: skip
def test_what_is_no_address_fails_its_row(cell):
    report = imported(file("email,name", {"email": cell, "name": "Ana"}, {"email": "beka@example.com"}))
    assert counts(report) == {"failed": 1, "created": 1}
    assert only_failure(report)[0] == 2


def test_of_an_address_that_stands_there_twice_the_second_line_fails():
    report = imported(["email,name", "ana@example.com,Ana", "ANA@example.com,Another"])
    assert counts(report) == {"created": 1, "failed": 1}
    assert only_failure(report) == (3, "“ana@example.com” stands on line 2 already; delete one of the two")
    assert User.objects.get().display_name == "Ana"


def test_also_over_batches(monkeypatch):
    monkeypatch.setattr(load, "BATCH", 1)
    assert counts(imported(["email", "ana@example.com", "b@example.com", "ana@example.com"])) == {
        "created": 2,
        "failed": 1,
    }


# Formulas


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_a_formula_is_a_name_like_any_other_whether_it_was_guarded_or_not(name):
    imported(file("email,name", {"email": "ana@example.com", "name": name}))
    assert User.objects.get().display_name == name
    again = imported(file("email,name", {"email": "beka@example.com", "name": f"'{name}"}))
    assert counts(again) == {"created": 1}
    assert User.objects.get(email="beka@example.com").display_name == name


def test_an_apostrophe_of_a_names_own_stays():
    imported(file("email,name", {"email": "ana@example.com", "name": "'t Hooft"}))
    assert User.objects.get().display_name == "'t Hooft"


# Dates


@pytest.mark.parametrize("cell", ["2024-02-30", "31/12/2025", "12-31-2025", "yesterday", "0001-01-01", "9999-12-31",
                                  "45291", "2025-13-01T00:00"])  # fmt: skip
def test_a_date_that_is_none_or_could_be_two_fails_its_row(cell):
    report = imported(["email,joined", f"ana@example.com,{cell}", "beka@example.com,2024-01-01"])
    assert counts(report) == {"failed": 1, "created": 1}
    assert only_failure(report)[0] == 2
    assert emails() == {"beka@example.com"}


def test_nobody_joined_in_the_future():
    report = imported(["email,joined", "ana@example.com,2199-01-01"])
    assert "future" in only_failure(report)[1]


def test_a_membership_does_not_end_before_it_starts():
    line = "ana@example.com,bank,5,EUR,2026-02-01,2026-01-01"
    report = imported(["email,grant,amount,currency,from,until", line])
    assert "ends before it starts" in only_failure(report)[1]
    assert not emails()


# Who must not be touched


def test_an_import_never_changes_a_role_nor_anything_of_who_works_here(nino, davit):
    told = ["email,name,role,is_staff,is_superuser,grant", f"{nino.email},Forged,publisher,1,1,complimentary",
            "ana@example.com,Ana,publisher,1,1,"]  # fmt: skip
    report = imported(told)
    assert counts(report) == {"unchanged": 1, "created": 1}
    assert report.remarks == {"works here: nothing was changed": 1}
    assert {"role", "is_staff", "is_superuser"} <= set(report.left)
    nino.refresh_from_db()
    assert (nino.display_name, nino.role) == ("Nino", "editor")
    made = User.objects.get(email="ana@example.com")
    assert (made.role, made.is_staff, made.is_superuser, made.has_usable_password()) == ("reader", False, False, False)
    assert not Grant.objects.exists()


def test_who_had_the_account_erased_is_not_brought_back_by_an_old_export(aram):
    key = aram.key
    personal_data.delete(aram)
    report = imported(["email,key,name", f"aram@example.com,{key},Aram"])
    assert "erased" in only_failure(report)[1]
    assert not User.objects.filter(email="aram@example.com").exists()
    forged = User.objects.get(pk=aram.pk).email
    assert "is no address" in only_failure(imported(["email,name", f"{forged},Aram"]))[1]


def test_a_banned_account_stays_as_it_is(aram, now):
    aram.banned_at, aram.display_name = now, ""
    aram.save()
    report = imported(["email,name,grant", "aram@example.com,Aram,complimentary"])
    assert counts(report) == {"unchanged": 1}
    assert not Grant.objects.exists()
    aram.refresh_from_db()
    assert aram.display_name == ""


def test_an_import_changes_nothing_that_somebody_has_set(aram):
    aram.language = "ru"
    aram.save()
    report = imported(["email,name,language,joined", "aram@example.com,Somebody Else,en,2001-01-01"])
    assert counts(report) == {"unchanged": 1}
    before = aram.date_joined
    aram.refresh_from_db()
    assert (aram.display_name, aram.language, aram.date_joined) == ("Aram", "ru", before)


def test_address_and_key_of_two_accounts_are_refused(aram, leyla):
    report = imported(["email,key", f"{aram.email},{leyla.key}"])
    assert "two accounts" in only_failure(report)[1]
