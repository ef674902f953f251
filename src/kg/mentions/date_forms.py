"""The forms of dates in English, as regular expressions over a text.

Words come in by name: ``{M}`` stands for the months, ``{W}`` weekdays, ``{Y}`` years, ``{D}`` days.
In each pattern the group ``whole`` is the date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_BEGIN = r"(?<![\w$€£¥#/-])(?<!\d[.,:])"
_END = r"(?![\w%]|[,.:/–-]\d)"
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2}|21[0-9]{2})"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])(?!\d)(?:st|nd|rd|th)?"
_PART = (
    r"(?:(?:(?:very )?(?P<part>early|mid|late)(?:[- ](?:in )?)|(?P<hyphen>end)-(?=[A-Z\d]))"
    r"|(?:the )?(?:very )?(?P<edge>beginning|start|middle|end|close|first half|second half|latter half"
    r"|(?:first|early|opening|last|final|closing)[ ]days) of )"
)
_OPENED = r"(?:(?:[Ff]rom|[Bb]etween)[ ])?"
_WEEKDAY = r"(?:{W},?[ ](?:the[ ])?)?"
_SPREAD = r"(?:[ ]?[-–—][ ]?|[ ](?:to|through|until|till)[ ]|[ ]and[ ](?=\d\d?\b))"
_MONTH_SPREAD = r"(?:[ ]?[-–—][ ]?|[ ](?:to|through|until|and)[ ])"
_TAIL = r"(?:,?[ ](?:of[ ])?(?P<y>{Y})(?!\d|[-–]\d\d\d)|(?:[ ]of|,)?[ ](?P<which>this|last|next)[ ]year)?"
_ABOUT = r"[Aa]bout|[Aa]round|[Nn]early|[Aa]lmost|[Rr]oughly|[Ss]ome|[Mm]ore[ ]than|[Oo]ver|[Aa]pproximately"

#: Rule → pattern; of equal matches the first rule wins.
_FORMS: Mapping[str, str] = {
    "iso": r"(?P<y>{Y})[-/](?P<m>0[1-9]|1[0-2])[-/](?P<d>0[1-9]|[12]\d|3[01])",
    "iso-month": r"(?P<y>{Y})-(?P<m>0[1-9])",
    "numeric": r"(?P<a>\d\d?)(?P<mark>[/.])(?P<b>\d\d?)(?P=mark)(?P<y>{Y})",
    "month-day-range": _OPENED + _WEEKDAY + r"(?P<m>{M})[ ](?P<d>{D})" + _SPREAD
    + r"(?:{W},?[ ])?(?:(?P<m2>{M})[ ])?(?P<d2>{D})" + _TAIL,
    "day-month-range": _OPENED + _WEEKDAY + r"(?:the[ ])?(?P<d>{D})(?:[ ](?:of[ ])?(?P<m>{M}))?" + _SPREAD
    + r"(?:{W},?[ ])?(?:the[ ])?(?P<d2>{D})[ ](?:of[ ])?(?P<m2>{M})" + _TAIL,
    "month-day": _WEEKDAY + r"(?P<m>{M})[ ](?:the[ ])?(?P<d>{D})" + _TAIL,
    "day-month": _WEEKDAY + r"(?:the[ ](?=\d+(?:[a-z]|[ ]of)))?(?P<d>{D})[ ](?:of[ ])?(?P<m>{M})" + _TAIL,
    "month-range": _OPENED + r"(?P<m>{M})" + _MONTH_SPREAD + r"(?P<m2>{M})" + _TAIL,
    "month": r"(?:{PART})?(?:(?P<rel>this|last|next|this past|this coming|the coming|the past)[ ])?"
    r"(?P<m>{M})" + _TAIL,
    "weekday": r"(?:(?P<rel>this|last|next|this past|this coming|the previous)[ ])?(?P<w>{W})"
    r"(?:[ ](?:morning|afternoon|evening|night|noon))?(?:,?[ ](?:of[ ])?(?P<week>last|this|next)[ ]week)?",
    "week-of": r"(?:the[ ])?(?P<o>{ORD}|final|opening|closing)[ ](?:full[ ])?week[ ]of[ ](?P<m>{M})" + _TAIL,
    "overnight": r"(?i:overnight)(?=[.,;:)]|[ ](?:on|in|into|and|as|at|from|after|by|to|with|near)\b)",
    "year-end": r"(?i:(?P<u>year|month)[- ]end|(?:the[ ])?(?P<u2>year|month)'s[ ]end)",
    "same": r"(?i:(?:(?:earlier|later)[ ])?(?:on[ ]|in[ ])?(?:that[ ]|(?:that|the)[ ](?:very[ ])?"
    r"(?P<which>same|following|next|previous|preceding)[ ])"
    r"(?P<u>day|week|month|year|morning|afternoon|evening|night))(?![ ]of\b)",
    "in-the-day": r"(?i:(?:earlier|later)[ ]in[ ]the[ ](?P<u>day|month|year))",
    "away": r"(?i:(?P<n>{N})[ ](?P<u>day|week|month|year|decade)s?[ ](?P<dir>earlier|later|previously|afterwards?))"
    r"(?![ ]than\b)",
    "today": r"(?i:(?P<t>{TODAY}))",
    "weekend": r"(?i:(?P<rel>this|last|next|the past|this past|this coming|the)[ ]weekend)",
    "unit": r"(?:(?i:(?P<side>earlier|later)[ ])|(?i:{PART}))?"
    r"(?i:(?P<rel>this|last|next|the current|the coming|the past|the)[ ]"
    r"(?P<u>week|month|quarter|fiscal[ ]year|year|decade|century))",
    "ago": r"(?:(?P<about>" + _ABOUT + r")[ ])?"
    r"(?i:(?P<n>{N})[ ](?P<u>day|week|fortnight|month|year|decade)s?[ ](?P<dir>ago|from[ ]now))",
    "span": r"(?i:(?:(?:in|over|for|during|within|throughout)[ ])?the[ ](?P<rel>past|last|next|coming)[ ]"
    r"(?P<n>{N})[ ](?P<u>day|week|month|year|decade)s?)",
    "within": r"(?i:(?P<how>in|within)[ ](?P<n>{N})[ ](?P<u>day|week|month|year)s?(?:'[ ]time)?)",
    "monthday": r"(?<=[Oo]n )the[ ](?P<d>{D})(?<=[a-z])(?![ ]of\b|[ ][a-z]+(?:ary|el|ury|oor)\b)(?!-)",
    "season": r"(?:the[ ])?(?:(?P<part>early|mid|late)[- ])?(?i:(?P<s>{SEASON}))[ ](?:of[ ])?(?P<y>{Y})"
    r"(?:[-–/]\d\d(?!\d))?",
    "relative-season": r"(?i:(?P<rel>this|last|next|this past|this coming|the coming|the past|the)[ ](?P<s>{SEASON}))",
    "half": r"(?i:(?:the[ ])?(?P<o>{ORD})[ -](?P<u>half|quarter))[ ](?:of[ ])?"
    r"(?:(?P<y>{Y})|(?P<rel>this|last|next|the)[ ]year)",
    "quarter": r"(?P<u>[QH])(?P<o>[1-4])[ ]?(?:of[ ])?(?P<y>{Y})",
    "year-quarter": r"(?P<y>{Y})[ ]?(?P<u>[QH])(?P<o>[1-4])",
    "fiscal": r"(?:(?i:fiscal(?:[ ]year)?)[ ]|FY[ ]?)(?P<y>{Y}|'?\d\d)(?:[-–/](?P<y2>\d{4}|\d\d)(?!\d))?",
    "decade": r"(?:[Tt]he[ ])?(?:(?P<part>early|mid|late)[- ](?:the[ ])?)?(?P<y>1[5-9]\d0|20\d0|'?[2-9]0)'?s",
    "century": r"(?:the[ ])?(?:(?:early|mid|late)[- ])?"
    r"(?:(?P<c>1[0-9]|2[01])(?:th|st)|(?i:(?P<o>{ORD})))[ -][Cc]entury",
    "year-range": _OPENED + r"(?P<y>{Y})(?:[ ]?[-–—][ ]?|[ ](?:to|through|until|and)[ ]|/)(?P<y2>{Y}|\d\d)",
    "part-year": r"{PART}(?P<y>{Y})",
    "year": r"(?P<y>{Y})",
}  # fmt: skip


#: Rule → lower-case strings of which a text has one if the rule matches: for slow rules that most texts do not need.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "ago": (" ago", "from now"),
    "away": ("earlier", "later", "previously", "afterward"),
    "century": ("century",),
    "half": ("half", "quarter"),
    "week-of": ("week of",),
    "weekend": ("weekend",),
}


def compile_forms(words: Mapping[str, Iterable[str]]) -> dict[str, re.Pattern[str]]:
    """Rule → compiled pattern.

    `words` are the surfaces of months, weekdays, seasons, numbers, ordinals and days. Months and
    weekdays must be written with a capital, as they are in English.
    """
    number = rf"(?:{_any_case(words['numbers'])})"
    names = {
        "M": rf"(?:{_cased(words['months'])})(?![a-z])",
        "W": rf"(?:{_cased(words['weekdays'])})(?![a-z])",
        "Y": _YEAR,
        "D": _DAY,
        "SEASON": rf"(?:{_any_case(words['seasons'])})",
        "N": rf"(?:\d{{1,3}}|{number}(?:-{number})?)",
        "ORD": rf"(?:{_any_case(words['ordinals'])}|last|\d(?:st|nd|rd|th))",
        "TODAY": rf"(?:{_any_case(words['days'])})",
        "PART": _PART,
    }
    compiled: dict[str, re.Pattern[str]] = {}
    for rule, form in _FORMS.items():
        for name, pattern in names.items():
            form = form.replace("{" + name + "}", pattern)
        compiled[rule] = re.compile(f"{_BEGIN}(?P<whole>{form}){_END}")
    return compiled


def _cased(words: Iterable[str]) -> str:
    """An alternation of `words` as written with a capital or in capitals, longest first."""
    return _any_case({form for word in words for form in (word.capitalize(), word.upper())})


def _any_case(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
