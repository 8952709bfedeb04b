"""Shim: metadata is in pyproject.toml, here is only what it cannot say.

The bundled models stay in the folder checkpoints/ of the repository; in a wheel they become remotesam/_checkpoints/.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["remotesam", "remotesam.*"]), "remotesam._checkpoints"],
    package_dir={"remotesam._checkpoints": "checkpoints"},
    package_data={
        "remotesam": ["py.typed"],
        "remotesam.data.vocabulary": ["*.json"],
        "remotesam.evaluation": ["*.yaml"],
        "remotesam.rasters": ["*.html"],
        "remotesam._checkpoints": ["*/*"],
    },
)
