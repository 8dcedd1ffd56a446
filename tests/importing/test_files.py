import os
from datetime import UTC, datetime

import pytest

from articles.importing import files
from articles.importing.files import Unreadable


def written(folder, content, name="page.txt"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_bom_and_crlf_pass_in_silence(tmp_path):
    told = files.read(written(tmp_path, b"\xef\xbb\xbfOne\r\nTwo\rThree\n"))
    assert (told.text, told.warnings) == ("One\nTwo\nThree\n", ())


def test_a_file_knows_when_it_was_changed(tmp_path):
    path = written(tmp_path, "One")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert files.read(path).changed == datetime.fromtimestamp(1_000_000_000, UTC)


def test_what_is_not_utf_8_is_read_as_cp1252_with_a_warning(tmp_path):
    told = files.read(written(tmp_path, "One\n‘Two’ – café\n".encode("cp1252")))
    assert told.text == "One\n‘Two’ – café\n"
    assert [(note.line, "cp1252" in note.text) for note in told.warnings] == [(2, True)]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\xef\xbb\xbf \r\n", "empty"), (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"), (bytes(range(1, 256)) * 4, "binary"),
     (b"a" * (files.BYTES_MAX + 1), "over 5 MB")],
)  # fmt: skip
def test_empty_binary_and_huge_files_are_refused(tmp_path, content, words):
    with pytest.raises(Unreadable, match=words):
        files.read(written(tmp_path, content))


def test_a_file_of_exactly_5_mb_is_read(tmp_path):
    assert len(files.read(written(tmp_path, b"a" * files.BYTES_MAX)).text) == files.BYTES_MAX


def test_a_folder_is_walked_in_order_for_stories_alone(tmp_path):
    for name in (
        "b/2.md",
        "b/1.TXT",
        "a.txt",
        "README.md",
        "b/readme.md",
        ".hidden.txt",
        ".git/x.txt",
        "images/a.jpg",
        "b/notes.csv",
    ):
        written(tmp_path, "x", name)
    assert [str(path.relative_to(tmp_path)) for path in files.stories(tmp_path)] == ["a.txt", "b/1.TXT", "b/2.md"]
    assert list(files.stories(tmp_path / "b/notes.csv")) == [tmp_path / "b/notes.csv"]


def test_a_missing_path_and_a_folder_without_stories_are_told(tmp_path):
    with pytest.raises(Unreadable, match="no such file"):
        list(files.stories(tmp_path / "nowhere"))
    with pytest.raises(Unreadable, match="no stories"):
        list(files.stories(tmp_path))


def test_images_are_files_beside_the_story_and_never_fetched(tmp_path):
    image = written(tmp_path, b"x", "images/a.jpg")
    story = tmp_path / "stories" / "a.md"
    assert files.image("../images/a.jpg", story) == image
    for path in ("https://example.com/a.jpg", str(image), "../images/b.jpg", "../../etc/passwd", "../images"):
        with pytest.raises(Unreadable):
            files.image(path, story)
