"""HS256 for PyJWT with each key examined once.

PyJWT looks into an HMAC key every time it signs or verifies, lest it be somebody's public key, which takes
longer than the HMAC. Our keys come from the settings and never change while the process runs.
"""

from functools import lru_cache

import jwt
from jwt.algorithms import HMACAlgorithm

ALGORITHM = "HS256"


class _Hmac(HMACAlgorithm):
    prepare_key = lru_cache(maxsize=16)(HMACAlgorithm.prepare_key)


jwt.unregister_algorithm(ALGORITHM)
jwt.register_algorithm(ALGORITHM, _Hmac(_Hmac.SHA256))
