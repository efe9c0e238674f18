"""Reading configs: durations, signals, image references, region expressions."""

import pytest

from localfly.config import normalised
from localfly.durations import seconds
from localfly.errors import ApiError
from localfly.images import image_ref
from localfly.policies import restarts_after
from localfly.regions import candidates


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("15s", 15), ("1m30s", 90), ("250ms", 0.25), ("1h0m0s", 3600), (2_000_000_000, 2)],
)
def test_durations_are_words_or_nanoseconds(duration, expected):
    assert seconds(duration) == pytest.approx(expected)


@pytest.mark.parametrize("duration", ["", "15", "s", "1 s", "1s!"])
def test_anything_else_is_no_duration(duration):
    with pytest.raises(ApiError):
        seconds(duration)


@pytest.mark.parametrize(
    ("rule", "code", "crashes", "again"),
    [
        ({}, 1, 9, True),
        ({}, 1, 10, False),
        ({}, 0, 0, False),
        ({"policy": "always"}, 0, 99, True),
        ({"policy": "no"}, 1, 0, False),
        ({"policy": "on-failure", "max_retries": 2}, 1, 2, False),
    ],
)
def test_the_restart_policy_decides(rule, code, crashes, again):
    assert restarts_after({"restart": rule}, code, crashes) is again


def test_a_size_preset_becomes_a_guest():
    config = normalised({"image": "x", "size": "performance-2x"})

    assert config["guest"] == {"cpu_kind": "performance", "cpus": 2, "memory_mb": 4096}


@pytest.mark.parametrize(
    ("image", "registry", "repository"),
    [
        ("nginx", "docker-hub-mirror.fly.io", "library/nginx"),
        ("flyio/hellofly:latest", "docker-hub-mirror.fly.io", "flyio/hellofly"),
        ("registry.fly.io/mj-devbox@sha256:4b1f", "registry.fly.io", "mj-devbox"),
    ],
)
def test_an_image_reference_is_taken_apart(image, registry, repository):
    ref = image_ref(image)

    assert (ref["registry"], ref["repository"]) == (registry, repository)
    assert ref["digest"].startswith("sha256:")


def test_a_region_expression_is_a_list_without_repeats():
    assert candidates("iad,us")[:3] == ["iad", "ewr", "ord"]
    assert candidates("eu") == ["fra", "ams", "cdg", "lhr", "arn"]
    assert len(candidates("any")) == 18
