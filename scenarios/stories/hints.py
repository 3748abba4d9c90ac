"""Where a text could show who somebody is: hints for a person who reads it. Nothing is ever removed by them. Pure.

Every pattern has bounded repeats, so that time grows with the length of the text and no faster.
"""

# ruff: noqa: E501 - a pattern is read as a whole
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from scenarios.stories.edits import EditKind


class What(StrEnum):
    """What some words might be."""

    NHS_NUMBER = "nhs_number"
    EMAIL = "email"
    WEB = "web"
    POSTCODE = "postcode"
    PHONE = "phone"
    DATE = "date"
    ADDRESS = "address"
    SERVICE = "service"
    NAME = "name"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Hint:
    """Words from `start` up to `end`, what they might be, and under which kind they would be taken out."""

    start: int
    end: int
    kind: EditKind
    what: What


def is_nhs_number(digits: str) -> bool:
    """Say whether ten digits have the check digit of an NHS number: weights 10 to 2, modulus 11.

    >>> is_nhs_number("9434765919"), is_nhs_number("9434765918"), is_nhs_number("94347")
    (True, False, False)
    """
    if len(digits) != 10 or not digits.isdigit() or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


_MONTHS = (
    # English, with Welsh mutations, Polish genitives, and both Arabic ways
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
    "|[IF]onawr|Chwefror|[MF]awrth|Ebrill|[MF]ai|[MF]ehefin|[GO]?orffennaf|Awst|[MF]edi|Hydref|Tachwedd|Rhagfyr"
    "|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
    "|يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر"
    "|كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول"
)
_NUMBERS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_CAP = r"[A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻŴŶ]"
_WORD = _CAP + r"[\w'’-]{1,30}"
_NO_NAME = {
    "The", "Who", "In", "On", "At", "And", "But", "He", "She", "They", "We", "It", "World", "Charge", "Said",
    "You", "Practitioner", "Act", "Manager", "Call", "Please", "I", "No", "Yes", "So", "When", "Then", "If",
}  # fmt: skip
_NO_ARABIC_NAME = {
    "قال", "قالت", "كان", "كانت", "لم", "لا", "في", "من", "على", "إلى", "الذي", "التي", "عن", "مع", "ثم", "هو",
    "هي", "لي", "له", "لها", "لنا", "جاء", "جاءت", "سأل", "سألت", "سألني", "سألتني", "كتب", "كتبت", "وصل",
    "وصلت", "طلب", "طلبت", "أخبرني", "أخبرتني", "رأى", "هنا", "هناك", "أن", "إن", "قد", "بعد", "قبل", "عند",
}  # fmt: skip


def _of_digits(text: str) -> str:
    return "".join(ch for ch in text if ch.isdigit())


def _nhs_number(found: str) -> bool:
    return is_nhs_number(_of_digits(found))


def _postcode(found: str) -> bool:
    # "A4 2up" is no postcode: people write one in capitals, or all of it small.
    return found.isupper() or found.islower()


def _phone(found: str) -> bool:
    return 9 <= len(_of_digits(found)) <= 15


def _name(found: str) -> bool:
    return not _NO_NAME.intersection(re.split(r"[\s.]+", found)[1:])


def _arabic_name(found: str) -> bool:
    word = found.split()[-1]
    return word not in _NO_ARABIC_NAME and not word.startswith("ال")


def _anything(_found: str) -> bool:
    return True


Pattern = tuple[What, EditKind, re.Pattern[str], Callable[[str], bool]]


def _pattern(
    what: What, kind: EditKind, *patterns: str, fits: Callable[[str], bool] = _anything, any_case: bool = True
) -> Iterator[Pattern]:
    """Give one entry for each pattern. The group `is`, where there is one, holds the words meant."""
    for pattern in patterns:
        yield what, kind, re.compile(pattern, re.IGNORECASE if any_case else 0), fits


# The order decides: words that fit two patterns are what the first one says.
_PATTERNS: tuple[Pattern, ...] = (
    *_pattern(
        What.EMAIL,
        EditKind.OTHER,
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}",
    ),
    *_pattern(
        What.WEB,
        EditKind.OTHER,
        r"\bhttps?://[^\s<>\"]{3,200}",
        r"\bwww\.[\w.-]{3,100}(?:/[^\s<>\"]{0,200})?",
        r"(?<![\w.@-])[\w-]{2,40}(?:\.[\w-]{2,40}){0,2}\.(?:com|org|net|uk|wales|cymru|scot|pl|io|info|app)\b(?:/[^\s<>\"]{0,200})?",
        r"(?<![\w@.])@[a-z_][\w.]{2,30}\b",
    ),
    *_pattern(
        What.NHS_NUMBER,
        EditKind.OTHER,
        r"(?<![\d+])(?!0)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)",
        fits=_nhs_number,
    ),
    *_pattern(
        What.DATE,
        EditKind.DATE,
        rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|af|ail|ydd|fed|eg|ain|\.)?(?: of| o)? (?:{_MONTHS})\b(?:,? (?:\d{{4}}|'\d\d))?",
        rf"\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b(?!:| ?(?:am|pm|per|people|of us))(?:,? \d{{4}})?",
        r"(?<![\d/.-])\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})(?![\d/-])",
        r"(?<![\d/.-])\d{4}-\d{2}-\d{2}(?!\d)",
        r"\b(?:d\.?o\.?b\.?|date of birth|dyddiad geni|data urodzenia)[: ]{1,3}(?:is |was )?(?P<is>[\d/. -]{6,12}\d)",
    ),
    *_pattern(
        What.PHONE,
        EditKind.OTHER,
        r"(?<![\w+])(?:\+|00)\d{1,3}[ -]?(?:\(0\))?(?:[ -]?\d){7,12}(?!\d)",
        r"(?<![\w+])\(?0\d{2,4}\)?(?:[ -]?\d){6,8}(?!\d)",
        fits=_phone,
    ),
    *_pattern(
        What.POSTCODE,
        EditKind.PLACE,
        r"\b[A-PR-UWYZ][A-HK-Y]?\d[A-HJKMNP-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b",
        fits=_postcode,
    ),
    *_pattern(
        What.ADDRESS,
        EditKind.PLACE,
        rf"\b\d{{1,4}}[a-zA-Z]? (?:{_WORD} ){{1,3}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Terrace|Court|Crescent|Place|Gardens|Row|Square|Way)\b",
        rf"\b\d{{1,4}}[a-zA-Z]?,? (?:Heol|Ffordd|Stryd|Lôn|Maes) (?:y |yr )?{_WORD}(?: {_WORD})?",
        rf"\b(?:ul\.|ulic[ay]|al\.) {_WORD}(?: {_WORD})? \d{{1,4}}(?:/\d{{1,4}})?",
        r"\bشارع [\w]{2,20}(?: [\w]{2,20})?(?: رقم)? \d{1,4}",
        any_case=False,
    ),
    *_pattern(
        What.SERVICE,
        EditKind.SERVICE,
        rf"\b(?!The |A |An |In |At |On |This |That |My |Our |No |Every )(?:{_WORD} ){{1,3}}(?:Ward|Hospital|Surgery|Clinic|Infirmary|Centre|School|House|Unit)\b",
        rf"\b(?:Ward|Ysbyty|Meddygfa|Ysgol|Szpital|Przychodnia) {_WORD}(?: {_WORD})?",
        r"\bمستشفى (?!ال(?:نفسي|عام|مدينة)\b)[\w]{3,20}",
        any_case=False,
    ),
    *_pattern(
        What.NAME,
        EditKind.NAME,
        # title and name, in English, Welsh and Polish
        rf"\b(?:Dr|Doctor|Mr|Mrs|Ms|Miss|Mx|Nurse|Sister|Matron|PC|WPC|PCSO|DC|Sgt|Sergeant|Insp|Inspector|Constable|Officer|Prof|Professor|Cllr|Councillor|Rev|Reverend|Father|Sir|Dame|Lord|Judge|Aunt|Auntie|Uncle|Nyrs|Cyng|Cynghorydd|Parch|Athro|Cwnstabl|Rhingyll|Chwaer|[Dd]oktor|[Dd]r|[Pp]rof|[Pp]ani|[Pp]an|[Pp]anem|[Pp]ana|[Ll]ek|[Ss]iostra|[Kk]s|[Pp]ielęgniarka|[Pp]ielęgniarz)\.? {_WORD}(?: {_WORD})?",
        # somebody of the family, by name; what somebody is called
        rf"\b(?:[Mm]y|[Hh]is|[Hh]er|[Oo]ur|[Tt]heir) (?:son|daughter|brother|sister|husband|wife|partner|nephew|niece|cousin|friend|mum|mother|dad|father|boyfriend|girlfriend|neighbour),? (?P<is>{_WORD})",
        rf"\b(?:called|named|[Mm]y name is|[Hh]is name was|[Hh]er name was|o'r enw|ma na imię|o imieniu|[Nn]azywam się) (?P<is>{_WORD}(?: {_WORD})?)",
        fits=_name,
        any_case=False,
    ),
    *_pattern(
        What.NAME,
        EditKind.NAME,
        r"\b(?:[وبل]?(?:ال)?(?:دكتورة?|سيدة?|ممرضة?|أستاذة?|شرطي|شيخ|ضابط)) (?P<is>[\u0621-\u064A]{3,15})",
        r"(?<!\w)د\. ?(?P<is>[\u0621-\u064A]{3,15})",
        r"\b(?:اسمي|اسمه|اسمها|ابني|ابنتي|أخي|أختي) (?P<is>[\u0621-\u064A]{3,15})",
        fits=_arabic_name,
    ),
    *_pattern(
        What.AGE,
        EditKind.AGE,
        rf"\b(?:I am|I['’]m|he is|he['’]s|she is|she['’]s|who is|who was|I was|he was|she was|only|just turned|turned) (?P<is>(?:\d{{1,2}}|{_NUMBERS}))\b(?! ?[%:]|[.,]\d|st\b|nd\b|rd\b|th\b| (?:minutes?|mins?|hours?|days?|weeks?|months?|miles?|km|stone|kg|per|percent|pounds?|people|of|or|in|times|yards|metres|steps|feet|streets|more|am|pm|o'clock)\b)",
        r"\baged? (?:of )?(?P<is>\d{1,2})\b(?! ?[-–] ?\d)",
        r"\b(?P<is>\d{1,2})[ -]years?[ -]old\b",
        r"\b(?P<is>\d{1,2}) ?(?:yo|y/o|yrs old)\b",
        rf"\b(?P<is>(?:{_NUMBERS}))[ -]years?[ -]old\b",
        r"\b(?P<is>\d{1,2}) (?:mlwydd )?oed\b",
        r"\b(?:mam|ma|miałam|miałem|miał|miała|w wieku|skończyłam|skończyłem|skończył) (?P<is>\d{1,2})(?: lata?\b| roku\b|\b(?! ?(?:dni|godzin|minut|dzieci|złot|km|tabletek)))",
        r"\b(?P<is>\d{1,2})-letni\w{0,3}\b",
        r"\bعمر(?:ي|ه|ها|ي الآن)? (?:كان |الآن )?(?P<is>\d{1,2})\b",
    ),
)


def hints_in(text: str) -> list[Hint]:
    """Return what might show who somebody is, in order of the text, no two of the same words.

    Words of all languages are looked for in every text: a Polish name stands in an English story.

    >>> text = "I rang Dr Aziz on 07700 900461."
    >>> [(text[hint.start : hint.end], hint.what.value) for hint in hints_in(text)]
    [('Dr Aziz', 'name'), ('07700 900461', 'phone')]
    """
    taken = bytearray(len(text) + 1)
    hints = []
    for what, kind, pattern, fits in _PATTERNS:
        for found in pattern.finditer(text):
            start, end = found.span("is") if "is" in pattern.groupindex else found.span()
            if not any(taken[start:end]) and fits(found.group()):
                taken[start:end] = b"\1" * (end - start)
                hints.append(Hint(start, end, kind, what))
    return sorted(hints, key=lambda hint: hint.start)
