"""Regions a room can be restricted to, and the countries of each.

Sources: docs.agora.io, Flexible Classroom (service regions); ISO 3166-1 country codes. Some countries are
in no region.
"""

from django.db import models


class Region(models.TextChoices):
    CN = "CN", "mainland China"
    AP = "AP", "Asia Pacific"
    EU = "EU", "Europe"
    NA = "NA", "North America"


_COUNTRIES = {
    Region.CN: "CN",
    Region.AP: (
        "AF AM AS AU AZ BD BN BT CC CK CX FJ FM GE GU HK ID IN IO JP KG KH KI KP KR KZ LA LK MH MM MN MO MP "
        "MV MY NC NF NP NR NU NZ PF PG PH PK PN PW SB SG TH TJ TK TL TM TO TV TW UZ VN VU WF WS"
    ),
    Region.EU: (
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV "
        "MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TR UA VA XK"
    ),
    Region.NA: (
        "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR "
        "SV SX TC TT US VC VG VI"
    ),
}
_REGION_OF = {country: region for region, countries in _COUNTRIES.items() for country in countries.split()}


def region_of(country: str) -> str:
    """Return the region of an ISO 3166-1 alpha-2 country, or `""` when no region covers it."""
    return _REGION_OF.get(country.upper(), "")
