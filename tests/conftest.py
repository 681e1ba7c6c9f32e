"""Settings that every test shares."""

from hypothesis import HealthCheck, settings

# The same examples on every machine and in every run: a failure in CI is a failure here.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
