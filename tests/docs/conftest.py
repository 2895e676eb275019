"""Failed assertions of these modules say what they have compared, as those of tests do."""

import pytest

pytest.register_assert_rewrite("tests.docs.runner", "tests.docs.shell")
