"""Recipes of containers and of conda: they name what is there, and ask for what setup.py asks for.

`hadolint`, which .ci/run calls, knows the rules of Dockerfiles; here is what it cannot know.
"""

import json
import re
import runpy
import shlex
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from bioselect.cli.app import USUAL_PORT
from bioselect.cli.main import build_parser

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "environments"
EXTRAS = ("app", "medical")
#: opencv-python links to libGL.so.1 (libgl1), libglib-2.0 and libgthread-2.0 (libglib2.0-0) of
#: the system; what else it needs, these bring.
SYSTEM_PACKAGES = {"libgl1", "libglib2.0-0"}
SECTIONS = {"files", "post", "environment", "runscript", "test", "labels", "help"}


@pytest.fixture(scope="module")
def setup_words():
    """Return what setup.py tells setuptools."""
    told = {}
    patch = pytest.MonkeyPatch()
    patch.setattr("setuptools.setup", lambda **words: told.update(words))
    runpy.run_path(str(ROOT / "setup.py"))
    patch.undo()
    return told


def text_of(name):
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def docker():
    """Return the instructions of the Dockerfile: pairs of a word and the rest."""
    text = re.sub(r"(?m)^\s*#.*\n", "", text_of("Dockerfile"))
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def apptainer():
    """Return the head of the Apptainer recipe and its sections, each as lines."""
    head, sections, lines = {}, {}, []
    for line in text_of("apptainer.def").splitlines():
        if line.startswith("%"):
            assert line[1:] not in sections
            lines = sections.setdefault(line[1:], [])
        elif sections:
            lines.append(line.strip())
        elif ":" in line and not line.startswith("#"):
            head |= dict([line.split(": ")])
    return head, {
        name: [line for line in lines if line and not line.startswith("#")]
        for name, lines in sections.items()
    }


def rest_of(docker, word):
    return [rest for one, rest in docker if one == word]


def installed_by(lines):
    """Return what apt-get installs."""
    (line,) = [line for line in lines if "apt-get install" in line]
    command = next(part for part in re.split(r"&&|;", line) if "apt-get install" in part)
    assert "--no-install-recommends" in command
    return {word for word in shlex.split(command)[2:] if not word.startswith("-")}


def test_docker_knows_the_instructions(docker):
    words = {word for word, _ in docker}
    assert words == {
        "FROM", "RUN", "ENV", "ARG", "COPY", "USER", "WORKDIR", "EXPOSE", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert docker[0][0] == "FROM"


def test_both_begin_with_the_same_python_which_is_supported(docker, apptainer, setup_words):
    (image,) = rest_of(docker, "FROM")
    head, _ = apptainer
    assert head == {"Bootstrap": "docker", "From": image}
    version = re.fullmatch(r"python:(3\.\d+)-slim-bookworm", image)[1]
    assert f"Programming Language :: Python :: {version}" in setup_words["classifiers"]


def test_both_install_what_opencv_asks_the_system_for(docker, apptainer):
    assert installed_by(rest_of(docker, "RUN")) == SYSTEM_PACKAGES
    assert installed_by(apptainer[1]["post"]) == SYSTEM_PACKAGES
    for text in (text_of("Dockerfile"), text_of("apptainer.def")):
        assert "rm -rf /var/lib/apt/lists/*" in text


def test_docker_takes_along_what_the_installation_needs(docker):
    sources = []
    for rest in rest_of(docker, "COPY"):
        *some, target = shlex.split(rest)
        assert target.startswith("/opt/bioselect")
        sources += some
    assert sorted(sources) == ["LICENSE", "README.md", "bioselect", "pyproject.toml", "setup.py"]
    assert all((ROOT / source).exists() for source in sources)
    let_in = re.findall(r"(?m)^!(.+)$", text_of("Dockerfile.dockerignore"))
    assert sorted(let_in) == sorted(sources)


def test_apptainer_takes_along_the_same(apptainer):
    pairs = [shlex.split(line) for line in apptainer[1]["files"]]
    assert sorted(source for source, _ in pairs) == [
        "LICENSE", "README.md", "bioselect", "pyproject.toml", "setup.py",
    ]  # fmt: skip
    assert all(target == f"/opt/bioselect/{source}" for source, target in pairs)


def test_both_install_extras_that_there_are(docker, apptainer, setup_words):
    assert rest_of(docker, "ARG") == [f"EXTRAS={','.join(EXTRAS)}"]
    assert any('"/opt/bioselect[${EXTRAS}]"' in run for run in rest_of(docker, "RUN"))
    assert any(f'"/opt/bioselect[{",".join(EXTRAS)}]"' in line for line in apptainer[1]["post"])
    assert set(EXTRAS) <= set(setup_words["extras_require"])


def test_docker_runs_the_program_and_not_as_root(docker):
    users = rest_of(docker, "USER")
    assert users == ["1000"]
    # Nothing is installed after that.
    after = docker[docker.index(("USER", "1000")) :]
    assert {word for word, _ in after} == {"USER", "WORKDIR", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert [json.loads(rest) for rest in rest_of(docker, "ENTRYPOINT")] == [["bioselect"]]
    assert [json.loads(rest) for rest in rest_of(docker, "CMD")] == [["--help"]]
    assert rest_of(docker, "EXPOSE") == [str(USUAL_PORT)]


def test_apptainer_has_its_sections(apptainer):
    sections = apptainer[1]
    assert set(sections) == SECTIONS
    assert all(sections.values())
    assert sections["post"][0] == "set -eu"
    assert sections["runscript"] == ['exec bioselect "$@"']
    assert "export PYTHONNOUSERSITE=1" in sections["environment"]


def test_conda_asks_for_what_setup_asks_for(setup_words):
    told = yaml.safe_load(text_of("environment.yml"))
    assert told["name"] == "bioselect"
    assert told["channels"] == ["conda-forge", "nodefaults"]
    *plain, by_pip = told["dependencies"]
    assert plain[1:] == ["pip"]
    needs = setup_words["install_requires"] + [
        need for extra in EXTRAS for need in setup_words["extras_require"][extra]
    ]
    assert sorted(map(str, map(Requirement, by_pip["pip"]))) == sorted(
        map(str, map(Requirement, needs))
    )


def test_conda_takes_the_pythons_that_are_supported(setup_words):
    told = yaml.safe_load(text_of("environment.yml"))
    taken = SpecifierSet(told["dependencies"][0].removeprefix("python"))
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(setup_words["classifiers"]))
    assert [f"3.{n}" for n in range(8, 20) if f"3.{n}" in taken] == supported


def test_the_page_tells_of_files_that_are_there_and_of_commands_that_are():
    text = text_of("README.md")
    named = set(re.findall(r"environments/([\w.]+)", text))
    assert named == {"Dockerfile", "apptainer.def", "environment.yml"}
    assert all((FOLDER / name).is_file() for name in named)
    commands = re.findall(r"(?:bioselect|bioselect\.sif) ((?:run|app) .*)$", text, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        build_parser().parse_args(shlex.split(command.replace("run bioselect.sif ", "")))
    assert f"127.0.0.1:{USUAL_PORT}:{USUAL_PORT}" in text
    assert "(../README.md)" in text
    assert "environments/README.md" in (ROOT / "README.md").read_text(encoding="utf-8")
