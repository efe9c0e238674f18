import pytest

from jarvis_admin.errors import Invalid
from jarvis_admin.fly.auth import authorization


@pytest.mark.parametrize(
    ("token", "header"),
    [
        ("fo1_plain", "Bearer fo1_plain"),
        ("Bearer fo1_plain", "Bearer fo1_plain"),
        ("fm2_one", "FlyV1 fm2_one"),
        ("fm2_one,fm2_two", "FlyV1 fm2_one,fm2_two"),
        ("FlyV1 fm2_one, fm2_two", "FlyV1 fm2_one,fm2_two"),
        ("Bearer FlyV1 fm2_one", "FlyV1 fm2_one"),
        ("fm1r_old", "FlyV1 fm1r_old"),
        ("fm1a_old", "FlyV1 fm1a_old"),
        ("  fm2_from_a_file\n", "FlyV1 fm2_from_a_file"),
    ],
)
def test_the_scheme_follows_the_kind_of_token(token, header):
    assert authorization(token) == header


@pytest.mark.parametrize(
    "token", ["", "  ", "FlyV1 ", "fm2_a,,fm2_b", "fm2_secret\nx", "fm2_sécret"]
)
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token):
    with pytest.raises(Invalid) as caught:
        authorization(token)

    assert "secret" not in str(caught.value)
