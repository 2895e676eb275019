"""The classes of `agoraiotools`, imported without its warnings about its own oldest modules."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from agoraiotools import AccessToken2 as Token007
    from agoraiotools.AccessToken import AccessToken as Token006
    from agoraiotools.education_token_builder import EducationTokenBuilder

__all__ = ["EducationTokenBuilder", "Token006", "Token007"]
