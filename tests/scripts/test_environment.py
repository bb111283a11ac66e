"""The virtual environment of the two commands."""

import pytest

from scripts import environment
from scripts.environment import SetupError


@pytest.fixture
def bare_project(tmp_path, monkeypatch):
    """A project without a `.venv` and with nothing to install."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def test_missing_venv_module_is_one_line_with_a_way_out(bare_project, monkeypatch):
    monkeypatch.setattr(environment, "_importable", lambda name: name != "ensurepip")

    with pytest.raises(
        SetupError, match=r"^.*lacks the module 'ensurepip'.*apt install"
    ):
        environment.prepare("requirements.txt")


@pytest.mark.slow
def test_unchanged_list_is_installed_once(bare_project, capsys):
    python = environment.prepare("requirements.txt")
    assert "Installing requirements.txt" in capsys.readouterr().out

    assert environment.prepare("requirements.txt") == python

    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_changed_list_is_installed_again(bare_project, capsys):
    environment.prepare("requirements.txt")
    (bare_project / "requirements.txt").write_text("# nothing yet\n")
    capsys.readouterr()

    environment.prepare("requirements.txt")

    assert "Installing requirements.txt" in capsys.readouterr().out


@pytest.mark.slow
def test_list_that_cannot_be_installed_says_so(bare_project):
    (bare_project / "requirements.txt").write_text("-r not-there.txt\n")

    with pytest.raises(SetupError, match="could not install"):
        environment.prepare("requirements.txt")

    assert not list(bare_project.glob(".venv/.installed-*"))
