import pytest

from bioselect.app.server import door_for
from bioselect.cli.main import main


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "lab.example", "::"])
def test_another_address_needs_a_word_that_says_it_is_meant(capsys, host):
    assert main(["app", "--host", host]) == 1
    told = capsys.readouterr().err
    assert "--allow-network" in told
    assert len(told.splitlines()) == 1


def test_a_warning_comes_with_the_address_of_a_network(capsys, monkeypatch):
    from bioselect.app import server

    monkeypatch.setattr(server, "serve", lambda *given: given[4]("http://address"))
    assert main(["app", "--host", "0.0.0.0", "--allow-network"]) == 0
    told = capsys.readouterr().out
    assert "warning: 0.0.0.0 can be reached by other machines" in told
    main(["app"])
    assert "warning" not in capsys.readouterr().out


def test_what_is_neither_model_nor_results_is_told(capsys, tmp_path):
    assert main(["app", str(tmp_path), "--port", "0"]) == 1
    assert "must be a model, its zip, or the folder of a run" in capsys.readouterr().err
    assert main(["app", str(tmp_path / "none"), "--port", "0"]) == 1
    assert "there is no such folder" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["app", "--port", str(taken.getsockname()[1])]) == 1
    assert "Choose another --port" in capsys.readouterr().err
    assert main(["app", "--port", "99999"]) == 1


def test_every_start_has_a_token_that_nobody_guesses():
    one, other = door_for("127.0.0.1", 80), door_for("127.0.0.1", 80)
    assert one.token != other.token
    assert len(one.token) >= 43  # 256 bits in base 64
