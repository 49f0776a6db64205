"""Signed models: whose they are, and that nothing was changed behind a signature."""

import base64
import json
import shutil
import subprocess
import zipfile

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import bioselect
from bioselect.bundle.keys import fingerprint, new_key, read_private_key, read_public_key
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.signature import SIGNATURE_FILE
from bioselect.cli.main import main
from bioselect.exceptions import BundleError
from bioselect.workflows.verify import in_words, sign, signed_by, verify


def never():
    raise AssertionError("nobody may be asked for a passphrase")


@pytest.fixture
def key(tmp_path):
    """Return the file of a private key; its public half lies beside it."""
    new_key(tmp_path / "lab.key")
    return tmp_path / "lab.key"


@pytest.fixture
def other_key(tmp_path):
    new_key(tmp_path / "other.key")
    return tmp_path / "other.key"


def public(key):
    return key.with_name(key.name + ".pub")


def test_a_signed_model_is_that_of_its_key(bundle, key, other_key):
    name = sign(bundle, key, never)
    found = verify(bundle, public(key))
    assert (found.signed_by, found.is_known, found.tried) == (name, True, True)
    assert "the key that you gave" in in_words(bundle, found)
    with pytest.raises(BundleError, match=r"must be signed by SHA256.*Got the signature of SHA256"):
        verify(bundle, public(other_key))
    sign(bundle, other_key, never)  # the newer one counts
    assert verify(bundle, public(other_key)).is_known


def test_whose_signature_was_replaced_is_told(bundle, key, other_key, capsys):
    def signs(with_key):
        main(["sign", str(bundle), "--key", str(with_key)])
        return capsys.readouterr().out

    assert signed_by(bundle) is None
    assert "takes the place" not in signs(key) + signs(key)
    first = signed_by(bundle)
    assert f"takes the place of the signature of {first}." in signs(other_key)
    (bundle / SIGNATURE_FILE).write_text("{}")
    assert signed_by(bundle) is None


def test_a_public_key_that_is_missing_is_asked_for_and_not_made(tmp_path):
    with pytest.raises(BundleError, match=r"no such file\. Ask whoever signed") as raised:
        read_public_key(tmp_path / "lab.key.pub")
    assert "--new-key" not in str(raised.value)


def test_an_unsigned_model_is_whole_and_nobodys(bundle, key):
    found = verify(bundle)
    assert (found.signed_by, found.is_known) == (None, False)
    assert found.n_files == sum(one.is_file() for one in bundle.rglob("*"))
    assert "It is not signed" in in_words(bundle, found)
    with pytest.raises(BundleError, match="Got no signature"):
        verify(bundle, public(key))


def test_what_a_forger_changes_is_found(bundle, forge, key):
    sign(bundle, key, never)
    forge(bundle, class_names=["middle", "fine", "coarse"])  # with a checksum that fits
    with pytest.raises(BundleError, match="the model was changed after SHA256"):
        verify(bundle)


def test_a_signature_of_another_model_is_refused(bundle, forge, key, tmp_path):
    sign(bundle, key, never)
    other = shutil.copytree(bundle, tmp_path / "other")
    (other / SIGNATURE_FILE).unlink()
    forge(other, scores={})
    shutil.copy(bundle / SIGNATURE_FILE, other)
    with pytest.raises(BundleError, match="must be that of this model"):
        verify(other, public(key))


def test_the_key_in_the_signature_cannot_be_exchanged(bundle, key, other_key):
    sign(bundle, key, never)
    values = json.loads((bundle / SIGNATURE_FILE).read_text())
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    values["public_key"] = base64.b64encode(
        read_public_key(public(other_key)).public_bytes(*raw)
    ).decode()
    (bundle / SIGNATURE_FILE).write_text(json.dumps(values))
    with pytest.raises(BundleError, match="must be that of this model"):
        verify(bundle, public(other_key))


def test_a_zip_is_signed_too(bundle, key, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "sent"), "zip", bundle.parent, bundle.name)
    sign(archive, key, never)
    sign(archive, key, never)
    assert verify(archive, public(key)).is_known
    names = zipfile.ZipFile(archive).namelist()
    assert names.count("model/signature.json") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is damaged"),
        ("[]", "is damaged"),
        ("[" * 100_000, "is damaged"),
        (" " * 20_000_001, "is damaged .it must have at most 20,000,000 bytes"),
        ('{"format": 1, "format": 1}', "is damaged .each name must stand once"),
        ('{"format": 1, "public_key": "AAAA", "signature": "AAAA"}', "is damaged"),
        ('{"format": 1, "public_key": 7, "signature": "AAAA"}', "is damaged"),
        ('{"format": 2}', "is of format 2; this version of bioselect reads 1"),
    ],
)
def test_a_damaged_signature_is_told(bundle, text, told):
    (bundle / SIGNATURE_FILE).write_text(text)
    with pytest.raises(BundleError, match=told):
        verify(bundle)


def test_what_nobody_signed_does_not_travel_with_it(bundle, key):
    sign(bundle, key, never)
    (bundle / "extra.py").write_text("")
    with pytest.raises(BundleError, match=r"must hold the files of the model only. Got extra\.py"):
        verify(bundle)
    with pytest.raises(BundleError, match=r"Got extra\.py"):
        sign(bundle, key, never)


def test_what_a_file_manager_leaves_is_told_and_never_signed(bundle, key):
    sign(bundle, key, never)
    assert verify(bundle).left_behind == ()
    (bundle / ".DS_Store").write_bytes(b"")  # a Mac's own
    (bundle / "._card.md").write_bytes(bytes.fromhex("00051607 00020000"))  # RFC 1740
    found = verify(bundle, public(key))
    assert found.left_behind == (".DS_Store", "._card.md")
    assert "left more in it: .DS_Store, ._card.md. Nobody signed" in in_words(bundle, found)
    load_bundle(bundle)
    with pytest.raises(BundleError, match=r"must cover all .*Got \.DS_Store, \._card\.md, which a"):
        sign(bundle, key, never)


def test_a_name_alone_lets_nothing_in(bundle, key):
    sign(bundle, key, never)
    (bundle / "._card.md").write_bytes(b"#!/bin/sh")
    with pytest.raises(BundleError, match=r"files of the model only\. Got \._card\.md"):
        verify(bundle)
    (bundle / "extractor").mkdir(exist_ok=True)
    (bundle / "._card.md").rename(bundle / "extractor" / "._card.md")
    with pytest.raises(BundleError, match=r"extractor/\._card\.md must stand in manifest\.json"):
        load_bundle(bundle)


def test_a_model_whose_signature_does_not_fit_is_not_opened(bundle, forge, key):
    sign(bundle, key, never)
    assert load_bundle(bundle).class_names
    forge(bundle, scores={})  # with a checksum that fits
    with pytest.raises(BundleError, match="the model was changed after SHA256"):
        load_bundle(bundle)
    (bundle / SIGNATURE_FILE).write_text("{}")
    with pytest.raises(BundleError, match=r"signature\.json is damaged"):
        bioselect.load(bundle)


def test_a_folder_is_no_signature(bundle, key):
    (bundle / SIGNATURE_FILE).mkdir()
    for use in (load_bundle, verify, lambda path: sign(path, key, never)):
        with pytest.raises(BundleError, match=r"signature\.json must be a file.*Got a folder"):
            use(bundle)


def test_a_link_to_a_folder_does_not_travel_with_it(bundle, key, tmp_path):
    sign(bundle, key, never)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "extra.py").write_text("")
    link = bundle / "extractor" / "part"
    link.parent.mkdir(exist_ok=True)
    try:
        link.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        pytest.skip("needs the right to make links")
    with pytest.raises(BundleError, match=r"extractor/part must stand in manifest\.json"):
        load_bundle(bundle)
    link.rename(bundle / "part")
    with pytest.raises(BundleError, match=r"files of the model only\. Got part"):
        verify(bundle)


def test_a_changed_file_is_named(bundle):
    (bundle / "card.md").write_text("better")
    with pytest.raises(BundleError, match=r"card\.md is not the one that was written"):
        verify(bundle)


def test_keys_are_those_of_openssh(key):
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("needs ssh-keygen")
    told = subprocess.run([program, "-lf", public(key)], capture_output=True, text=True, check=True)
    assert told.stdout.split()[1] == fingerprint(read_public_key(public(key)))


def test_a_private_key_is_for_its_owner_only(key):
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("form", ["OpenSSH", "PKCS8"])
def test_a_locked_key_asks(tmp_path, form, monkeypatch):
    made = Ed25519PrivateKey.generate()
    path = tmp_path / "locked"
    path.write_bytes(
        made.private_bytes(
            serialization.Encoding.PEM,
            getattr(serialization.PrivateFormat, form),
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    found = read_private_key(path, lambda: "secret")
    assert fingerprint(found.public_key()) == fingerprint(made.public_key())
    with pytest.raises(BundleError, match="Got a wrong one"):
        read_private_key(path, lambda: "other")
    monkeypatch.setenv("BIOSELECT_KEY_PASSPHRASE", "secret")
    assert read_private_key(path, never)


def test_what_is_no_key_is_told(tmp_path, key):
    of_other_kind = tmp_path / "ec"
    of_other_kind.write_bytes(
        generate_private_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (tmp_path / "text").write_text("no key")
    for read, path, told in (
        (read_private_key, public(key), "looks like a public one"),
        (read_private_key, of_other_kind, "Got one of another kind"),
        (read_private_key, tmp_path / "text", "a private one"),
        (read_private_key, tmp_path / "none", "There is no such file"),
        (read_public_key, key, "This is a private one"),
        (read_public_key, tmp_path / "text", "of whoever signed"),
    ):
        with pytest.raises(BundleError, match=told):
            read(path, *([never] if read is read_private_key else []))
    with pytest.raises(BundleError, match="is there already"):
        new_key(key)


def test_the_commands(bundle, tmp_path, capsys):
    assert main(["sign", str(bundle)]) == 1
    assert main(["sign", "--key", "a"]) == 1
    assert main(["sign", str(bundle), "--new-key", str(tmp_path / "k")]) == 0
    assert main(["verify", str(bundle), "--key", str(tmp_path / "k.pub"), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out[told.out.index("\n{") :])["is_known"] is True
    assert "Traceback" not in told.err
    assert main(["verify", str(tmp_path / "none")]) == 1
