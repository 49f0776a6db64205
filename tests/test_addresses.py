"""What an address is, where its copy lies, and that nothing of it is taken for a path."""

import subprocess
import sys
from pathlib import Path

import pytest

from bioselect.addresses import (
    address_of,
    is_address,
    named,
    place_of,
    root_of_copies,
    root_of_results,
)
from bioselect.config.writing import relative_text
from bioselect.data.names import as_text, stored_path
from bioselect.exceptions import ConfigurationError
from bioselect.run_folder import as_text as cell_of
from bioselect.visible import visible


@pytest.mark.parametrize(
    "written", ["s3://lab/a b/ä.png", "gs://lab", "http://127.0.0.1:9000/lab/x", "az://c/k"]
)
def test_place_and_address_lead_to_each_other(written):
    place = place_of(written)
    assert place.is_relative_to(root_of_copies())
    assert address_of(place) == written
    assert address_of(place / "p" / "1.png") == f"{written}/p/1.png"
    assert place_of(Path(written)) == place  # of which one slash is left
    assert address_of(place_of(written, results=True)) == written
    assert place_of(written, results=True).is_relative_to(root_of_results())


@pytest.mark.parametrize(
    "written",
    [
        "images",
        r"C:\images",
        "C:/images",
        "C://images",
        r"\\share\images",
        "a:b/c",
        "s3",
        "./s3:/x",
    ],
)
def test_paths_are_no_addresses(written):
    assert not is_address(written)
    assert place_of(written) == Path(written)


def test_addresses_of_files_are_paths(tmp_path):
    path = tmp_path / "my cells"
    assert place_of(path.as_uri()) == path
    assert address_of(place_of(path.as_uri())) is None


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("s3://me:hidden@lab/cells", "no user and password"),
        ("sftp://me:hidden@host/cells", "no user and password"),
        ("s3://me:hid/den@lab/cells", "no user and password"),
        ("https://hidden@host/x.png", "no user and password"),
        ("http:\\\\hidden@host:80/x.png", "no user and password"),
        ("s3://hidden@lab/cells", "no user and password"),
        ("abfs://me:hidden@lab.dfs.core.windows.net/a", "no user and password"),
        ("https://host/a.png?key=hidden", "no query"),
        ("https://host/hidden/a.png?key=hidden", "no query"),
        ("https://host?key=hidden", "no query"),
        ("s3://lab/../../hidden", r"\. and \.\."),
        ("s3://lab/./a", r"\. and \.\."),
        ("zip://a.png::s3://lab/b.zip", "without ::"),
        ("s3://lab/a\nb", "control characters"),
        ("s3://", "must name a bucket"),
    ],
)
def test_some_are_refused_and_no_password_is_repeated(written, what):
    with pytest.raises(ConfigurationError, match=what) as caught:
        place_of(written)
    message = str(caught.value)
    assert "\n" not in message
    assert "hidden" not in message or ".." in written


@pytest.mark.parametrize(
    "written",
    ["abfs://cells@lab.dfs.core.windows.net/a", "sftp://me@host:22/a", "http://host:80/a"],
)
def test_an_address_may_name_a_container_an_account_and_a_port(written):
    assert address_of(place_of(written)) == written


def test_people_read_addresses():
    place = place_of("s3://lab/cells/a.png")
    assert as_text(place) == cell_of(place) == "s3://lab/cells/a.png"
    assert visible(f"{place}: damaged\n'{place}'") == (
        "s3://lab/cells/a.png: damaged\n's3://lab/cells/a.png'"
    )
    assert relative_text(place, Path("results")) == "s3://lab/cells/a.png"
    assert named("nothing of it") == "nothing of it"


def test_a_cell_of_a_table_may_be_an_address():
    assert address_of(stored_path(Path("images"), "s3://lab/ä.png")) == "s3://lab/ä.png"
    assert stored_path(place_of("s3://lab/cells"), "a.png") == place_of("s3://lab/cells/a.png")


@pytest.mark.parametrize("up", ["../../other/a.png", "../../../../../victim.png"])
def test_table_in_a_bucket_names_nothing_outside_of_it(up):
    tables = place_of("s3://lab/tables")
    assert address_of(stored_path(tables, "../images/ä.png")) == "s3://lab/images/ä.png"
    assert stored_path(tables, "/data/a.png") == Path("/data/a.png")
    with pytest.raises(ConfigurationError, match=f"{up}: .* must not lead out of s3://lab"):
        stored_path(tables, up)
    assert address_of(tables / up) is None  # Nothing is brought to such a place, or removed.


def test_cache_folder_that_is_a_link(tmp_path, monkeypatch):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "link"))
    place = place_of("s3://lab/cells")
    place.mkdir(parents=True)
    assert address_of(place.resolve()) == "s3://lab/cells"


def test_without_an_address_no_file_system_is_imported(write_config):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from bioselect.workflows.check import look\n"
        f"look(Path({str(write_config())!r}))\n"
        "print([name for name in ('fsspec', 'bioselect.remote') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
