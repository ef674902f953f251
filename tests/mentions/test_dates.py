import datetime
from collections.abc import Callable

import edtf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lang.en import English
from spacy.tokens import Doc

from kg.mentions.dates import FoundDate, find_dates, find_last_past_day
from kg.model import Document
from kg.text.reader import Reader
from kg.text.sentences import mark_sentences
from kg.text.tokenization import make_tokenizer

_NLP = English()
_NLP.tokenizer = make_tokenizer(_NLP.vocab, {"Japan", "Chile", "Norway"})


def read(text: str) -> Doc:
    return mark_sentences(_NLP.make_doc(text))


def dates(text: str, issued: str | None) -> list[FoundDate]:
    return find_dates(read(text), issued)


def one(marked: str, issued: str | None) -> FoundDate | None:
    """The date between the square brackets of `marked`; its span must be exactly that, and the only one."""
    text = marked.replace("[", "").replace("]", "")
    found = dates(text, issued)
    assert [date.text for date in found] == [marked[marked.index("[") + 1 : marked.index("]")]]
    return found[0]


# No day of publication is needed.
ABSOLUTE = [
    ("The pact was signed on [4 June 1998] in Lima.", "1998-06-04"),
    ("The pact was signed on [June 4, 1998], in Lima.", "1998-06-04"),
    ("On [the 4th of June 1998] they met.", "1998-06-04"),
    ("They met on [June 4th, 1998].", "1998-06-04"),
    ("It sank on [Thursday, 14 March 2019], off Oslo.", "2019-03-14"),
    ("It sank on [Thursday, March 14, 2019] off Oslo.", "2019-03-14"),
    ("Posted [2021-11-05] by the ministry.", "2021-11-05"),
    ("Posted [2021/11/05] by the ministry.", "2021-11-05"),
    ("Dated [23/04/2016], it is short.", "2016-04-23"),
    ("Dated [4/23/2016], it is short.", "2016-04-23"),
    ("Dated [23.04.2016], it is short.", "2016-04-23"),
    ("Issued on [Sept. 9, 2020] in Bern.", "2020-09-09"),
    ("Issued on [9 Sep 2020] in Bern.", "2020-09-09"),
    ("Issued on [DECEMBER 1, 2020] in Bern.", "2020-12-01"),
    ("It began in [August 2003].", "2003-08"),
    ("It began in [August of 2003] there.", "2003-08"),
    ("It began in [August, 2003].", "2003-08"),
    ("Talks ran [June 4-6, 1998] in Lima.", "1998-06-04/1998-06-06"),
    ("Talks ran [4–6 June 1998] in Lima.", "1998-06-04/1998-06-06"),
    ("Talks ran [from 4 to 6 June 1998].", "1998-06-04/1998-06-06"),
    ("Talks ran [from June 4 to 6, 1998].", "1998-06-04/1998-06-06"),
    ("Talks ran [between 4 and 6 June 1998].", "1998-06-04/1998-06-06"),
    ("Talks ran [from June 28 to July 2, 1998].", "1998-06-28/1998-07-02"),
    ("Talks ran [28 June to 2 July 1998].", "1998-06-28/1998-07-02"),
    ("Talks ran [from December 30 to January 2, 1999].", "1998-12-30/1999-01-02"),
    ("It lasted [from January to March 2012].", "2012-01/2012-03"),
    ("It lasted [January-March 2012].", "2012-01/2012-03"),
    ("It lasted [between May and July 2012].", "2012-05/2012-07"),
    ("It was built in [late May 2012].", "2012-05-21/2012-05-31"),
    ("It was built in [early May 2012].", "2012-05-01/2012-05-10"),
    ("It was built in [mid-May 2012].", "2012-05-11/2012-05-20"),
    ("It was built at [the end of February 2012].", "2012-02-21/2012-02-29"),
    ("It was built in [the first half of May 2012].", "2012-05-01/2012-05-15"),
    ("It was founded in [1949].", "1949"),
    ("The [1949] treaty holds.", "1949"),
    ("Chile's [2016] white paper says so.", "2016"),
    ("The war ended ([1953]).", "1953"),
    ("It dates from [early 1949].", "1949-01/1949-04"),
    ("It dates from [late 1949].", "1949-09/1949-12"),
    ("It dates from [mid-1949].", "1949-05/1949-08"),
    ("He served [from 1998 to 2004] as envoy.", "1998/2004"),
    ("He served [between 1998 and 2004] as envoy.", "1998/2004"),
    ("He served [1998-2004] as envoy.", "1998/2004"),
    ("The budget of [2015-19] grew.", "2015/2019"),
    ("It grew in [the 1990s] and later.", "199X"),
    ("It grew in [the late 1990s] again.", "1997/1999"),
    ("It grew in [the early 2010s] again.", "2010/2013"),
    ("It grew in [the '80s] again.", "198X"),
    ("It was drawn in [the 19th century].", "18XX"),
    ("It was drawn in the year [1871].", "1871"),
    ("It opens in [spring 2024].", "2024-21"),
    ("It opens in [the autumn of 2024].", "2024-23"),
    ("It opens in [winter 2024-25].", "2024-24"),
    ("Trade rose in [the first half of 2025].", "2025-01/2025-06"),
    ("Trade rose in [the third quarter of 2025].", "2025-07/2025-09"),
    ("Trade rose in [Q3 2025].", "2025-07/2025-09"),
    ("Trade rose in [2025 Q3] again.", "2025-07/2025-09"),
    ("Trade rose in [H1 2025].", "2025-01/2025-06"),
    ("Spending for [fiscal 2024] rose.", "2024"),
    ("Spending for [fiscal year 2024] rose.", "2024"),
    ("Spending for [FY2024] rose.", "2024"),
    ("It has flown [since 2015].", "2015/.."),
    ("It has flown [since 9 May 2015].", "2015-05-09/.."),
    ("It will fly [until 2037].", "../2037"),
    ("It must end [by the end of 2036].", "../2036-12"),
    ("It must end [no later than June 3, 2036].", "../2036-06-03"),
    ("It could begin [as early as May 2036].", "2036-05"),
    ("It was laid down [around 1932].", "1932~"),
    ("It was laid down [after 1932] or so.", "1932/.."),
    ("The treaty of [1648] ended it.", "1648"),
    ("They met in [March and] left.".replace("[March and]", "[March 2001] and"), "2001-03"),
]


@pytest.mark.parametrize(("marked", "expected"), ABSOLUTE)
def test_absolute(marked: str, expected: str) -> None:
    found = one(marked, None)
    assert found is not None
    assert found.edtf == expected
    assert found.kind in ("absolute", "duration-anchored")
    # The day of publication makes no difference.
    assert [date.edtf for date in dates(marked.replace("[", "").replace("]", ""), "2025-06-18")] == [expected]


# 2024-08-14 is a Wednesday, 2023-01-08 a Sunday.
RELATIVE = [
    ("2024-08-14", "The envoy said [Wednesday] he would stay.", "2024-08-14"),
    ("2024-08-14", "The envoy said on [Tuesday] he would stay.", "2024-08-13"),
    ("2024-08-14", "In Nairobi [Friday], the two signed a note.", "2024-08-09"),
    ("2024-08-14", "On [Thursday], the council will vote.", "2024-08-15"),
    ("2024-08-14", "The council will vote on [Monday].", "2024-08-19"),
    ("2024-08-14", "The council is to vote [Wednesday].", "2024-08-14"),
    ("2024-08-14", "It agreed to meet on [Saturday].", "2024-08-17"),
    ("2024-08-14", "He travelled to Oslo on [Saturday].", "2024-08-10"),
    ("2024-08-14", "He travelled to Oslo to meet the king on [Saturday].", "2024-08-10"),
    ("2024-08-14", "It agreed to widen the alliance at talks held in Lima on [Saturday].", "2024-08-10"),
    ("2024-08-14", "A vote is scheduled for [Friday].", "2024-08-16"),
    ("2024-08-14", "They met [last Wednesday] in Rome.", "2024-08-07"),
    ("2024-08-14", "They meet [next Wednesday] in Rome.", "2024-08-21"),
    ("2024-08-14", "The raid [Monday night] killed two.", "2024-08-12"),
    ("2024-08-14", "[Sunday]'s vote was close.", "2024-08-11"),
    ("2024-08-14", "He left [yesterday].", "2024-08-13"),
    ("2024-08-14", "He leaves [tomorrow].", "2024-08-15"),
    ("2024-08-14", "[Today] the fleet sailed.", "2024-08-14"),
    ("2024-08-14", "He arrived [last night].", "2024-08-13"),
    ("2024-08-14", "He arrived [the day before yesterday].", "2024-08-12"),
    ("2024-08-14", "He arrived [two days ago].", "2024-08-12"),
    ("2024-08-14", "He arrived [10 days ago].", "2024-08-04"),
    ("2024-08-14", "He arrived [three weeks ago].", "2024-07-22/2024-07-28"),
    ("2024-08-14", "He arrived [two months ago].", "2024-06"),
    ("2024-08-14", "It was founded [60 years ago].", "1964"),
    ("2024-08-14", "It was founded [nearly 60 years ago].", "1964~"),
    ("2024-08-14", "It was founded [a year ago].", "2023"),
    ("2024-08-14", "It was founded [two decades ago].", "2004~"),
    ("2024-08-14", "They met [last week].", "2024-08-05/2024-08-11"),
    ("2023-01-09", "They met [last week].", "2023-01-02/2023-01-08"),
    # Who writes on a Sunday looks back on the days that end with it.
    ("2023-01-08", "They met [last week].", "2023-01-02/2023-01-07"),
    ("2023-01-08", "They meet [next week].", "2023-01-09/2023-01-15"),
    # A day that is just over is not meant for nearly a year later.
    ("2025-05-30", "A town hall planned for [May 28] was called off.", "2025-05-28"),
    ("2025-12-30", "The talks planned for [28 January] are to be held in Bern.", "2026-01-28"),
    ("2024-08-14", "They meet [this week].", "2024-08-12/2024-08-18"),
    ("2024-08-14", "They meet [next week].", "2024-08-19/2024-08-25"),
    ("2024-08-14", "They meet [early next week].", "2024-08-19/2024-08-21"),
    ("2024-08-14", "They met [last weekend].", "2024-08-10/2024-08-11"),
    ("2024-08-14", "They meet [this weekend].", "2024-08-17/2024-08-18"),
    ("2024-08-14", "They met over [the weekend].", "2024-08-10/2024-08-11"),
    ("2024-08-14", "They met [last month].", "2024-07"),
    ("2024-01-31", "They met [last month].", "2023-12"),
    ("2024-01-31", "They meet [next month].", "2024-02"),
    ("2024-08-14", "[Next month]'s launch is near.", "2024-09"),
    ("2024-08-14", "They met [late last month].", "2024-07-21/2024-07-31"),
    ("2024-08-14", "They met [earlier this month].", "2024-08-01/2024-08-14"),
    ("2024-08-14", "They meet [later this month].", "2024-08-14/2024-08-31"),
    ("2024-08-14", "They meet at [the end of the month].", "2024-08-21/2024-08-31"),
    ("2024-08-14", "They met [earlier this year].", "2024-01-01/2024-08-14"),
    ("2024-08-14", "They met [last year].", "2023"),
    ("2024-08-14", "They met [late last year].", "2023-09/2023-12"),
    ("2024-08-14", "They meet [next year].", "2025"),
    ("2024-08-14", "It must be done [by the end of the year].", "../2024-12"),
    ("2024-08-14", "Prices rose in [the second quarter of this year].", "2024-04/2024-06"),
    ("2024-08-14", "Prices rose in [the first half of the year].", "2024-01/2024-06"),
    ("2024-08-14", "Prices rose [over the past two years].", "2022/2024"),
    ("2024-08-14", "Prices rose [in the last three months].", "2024-05/2024-08"),
    ("2024-08-14", "They met [last July].", "2024-07"),
    ("2024-02-14", "They met [last July].", "2023-07"),
    ("2024-08-14", "They meet [this October].", "2024-10"),
    ("2024-08-14", "They meet [next March].", "2025-03"),
    ("2024-08-14", "They met in [May last year].", "2023-05"),
    ("2024-08-14", "They met on [May 3 last year].", "2023-05-03"),
    ("2024-08-14", "They meet in [early May next year].", "2025-05-01/2025-05-10"),
    ("2024-08-14", "They met [last spring].", "2024-21"),
    ("2024-08-14", "They meet [this summer].", "2024-22"),
    ("2024-08-14", "They meet [next winter].", "2024-24"),
    ("2024-08-14", "They met on [the 9th].", "2024-08-09"),
    ("2024-08-14", "They will meet on [the 9th].", "2024-09-09"),
    ("2024-08-14", "The ship will sail [in two weeks].", "2024-08-26/2024-09-01"),
    ("2024-08-14", "Both sides will report [within 30 days].", "2024-08-14/2024-09-13"),
    ("2024-08-14", "Nobody has asked [since last Friday].", "2024-08-09/.."),
]


@pytest.mark.parametrize(("issued", "marked", "expected"), RELATIVE)
def test_relative(issued: str, marked: str, expected: str) -> None:
    found = one(marked, issued)
    assert found is not None
    assert found.edtf == expected
    unknown = one(marked, None)
    assert unknown is not None
    assert unknown.edtf is None


# Dates that lean on others, parts of months, ranges of two ends; the last date within or around the brackets counts.
LEANING = [
    ("The drill ran from [Monday to Wednesday].", "2024-08-12/2024-08-14"),
    ("The talks will run [Monday through Thursday] in Doha.", "2024-08-19/2024-08-22"),
    ("The navies trained off Goa [on 3 and 4 May].", "2024-05-03/2024-05-04"),
    ("The council met on [May 3 and 4, 2023].", "2023-05-03/2023-05-04"),
    ("Sailors from Chile trained from [3 May 2023 to 4 June 2024].", "2023-05-03/2024-06-04"),
    ("The mission lasted from [May 2023 to June 2024].", "2023-05/2024-06"),
    ("The mission lasted between [May 2023 and June 2024].", "2023-05/2024-06"),
    ("The Kenyan team trained from [March to mid-May 2024].", "2024-03-01/2024-05-20"),
    ("The summit was held on 3 May 2023. The ministers signed the pact [the following day].", "2023-05-04"),
    ("The summit was held on 3 May 2023. [Two days earlier] the envoys had met.", "2023-05-01"),
    ("The summit was held on 3 May 2023. [On the same day] a base was opened.", "2023-05-03"),
    ("They met on Monday. [A day later] the fleet sailed.", "2024-08-13"),
    ("They met in Accra on 3 May 2023 and [the next day] in Lagos.", "2023-05-04"),
    ("They met in May 2023. A pact was signed [the following month].", "2023-06"),
    ("It was founded in 1994. [Three years later] it joined the pact.", "1997"),
    ("It was founded in 1994 and closed [later that year].", "1994"),
    ("He met the king on Tuesday. [Earlier in the day] he laid a wreath.", "2024-08-13"),
    ("The port was shelled [overnight].", "2024-08-13/2024-08-14"),
    ("The ministers met on [Tuesday last week].", "2024-08-06"),
    ("The ministers will meet on [Tuesday next week].", "2024-08-20"),
    ("The ministers met on [Tuesday of last week] in Bern.", "2024-08-06"),
    ("The drill was held in [the first week of June].", "2024-06-01/2024-06-07"),
    ("The drill was held in [the last week of June 2023].", "2023-06-24/2023-06-30"),
    ("The bridge must be ready [by year-end].", "../2024-12"),
    ("It must be ready [by the end of 2027].", "../2027-12"),
    ("Ratification is due [before the end of 2025].", "../2025-12"),
    ("It will be open [by end-March].", "../2025-03-31"),
    ("The centre opens in [the autumn].", "2024-23"),
    ("In [the spring] the two signed a pact.", "2024-21"),
    ("The plan for [FY2024-25] was passed.", "2024/2025"),
    ("The plan for [fiscal year 2024/25] was passed.", "2024/2025"),
    ("The plan for [FY25] was passed.", "2025"),
    ("NATO has kept troops there [since 2012].", "2012/.."),
    ("The lease runs [until June 2027].", "../2027-06"),
    ("The Sejm passed the bill in [February last year].", "2023-02"),
    ("[Next month] the first 400 soldiers will arrive.", "2024-09"),
    ("The council moved the session from 15 September to [20 October].", "2024-10-20"),
    ("The NBI has postponed the meeting from 15 December to [mid-January].", "2025-01-11/2025-01-20"),
    ("The ministers of Chad and Niger, who met in [March], will speak on Friday.", "2024-03"),
    ("They held talks in [October] on a base that will open.", "2023-10"),
    ("Zambia hosted the summit in [November].", "2023-11"),
    ("Zambia will host the summit in [November].", "2024-11"),
    ("The general was visiting Baku on [Friday].", "2024-08-09"),
    ("A planned visit to Baku on [Friday] has been called off.", "2024-08-16"),
    ("The two agreed on [Thursday] to set up a joint command.", "2024-08-08"),
    ("He said on [Sunday] that the vote would be held.", "2024-08-11"),
    ("He said that the vote would be held on [Sunday].", "2024-08-18"),
    ("The exercise, scheduled to end on [Friday], has drawn fire.", "2024-08-16"),
    ("Signed on [15/05/2024] in Rabat.", "2024-05-15"),
    ("Talks began in Jeddah in Muharram 1447 and ended on [10 July 2025].", "2025-07-10"),
    ("It lasted from 09:50 for approximately 85 minutes on [3 May].", "2024-05-03"),
    ("The 75th anniversary of the pact falls on [4 April 2026].", "2026-04-04"),
    ("They met [in the early hours of Tuesday].", "2024-08-13"),
]
#: What only a parse tells: present tense, what a preposition governs, a clause between.
BY_PARSE = [
    ("After talks in [March], they will meet again.", "2024-03"),
    ("Zambia's army chief said the drill, in [November], would go ahead.", "2024-11"),
    ("The president arrives in Tirana [Friday].", "2024-08-16"),
    ("The general is visiting Baku on [Friday].", "2024-08-16"),
]


def leaning(doc: Doc, marked: str) -> str | None:
    wording = marked[marked.index("[") + 1 : marked.index("]")]
    found = [d for d in find_dates(doc, "2024-08-14") if d.text in wording or wording in d.text]
    assert found, [d.text for d in find_dates(doc, "2024-08-14")]
    return found[-1].edtf


@pytest.mark.parametrize(("marked", "expected"), LEANING)
def test_leaning(marked: str, expected: str) -> None:
    assert leaning(read(marked.replace("[", "").replace("]", "")), marked) == expected


@pytest.mark.parametrize(("marked", "expected"), LEANING + BY_PARSE)
def test_leaning_by_the_parse(parser: Reader, marked: str, expected: str) -> None:
    text = marked.replace("[", "").replace("]", "")
    assert leaning(parser.read(Document(("x",), text)).doc, marked) == expected


def test_numeric_dates_follow_those_of_their_text_that_are_clear() -> None:
    assert [d.edtf for d in dates("Done on 23/05/2024. Sent on 03/06/2024.", None)] == [
        "2024-05-23",
        "2024-06-03",
    ]
    assert [d.edtf for d in dates("Done on 5/23/2024. Sent on 03/06/2024.", None)] == [
        "2024-05-23",
        "2024-03-06",
    ]
    assert [d.edtf for d in dates("Sent on 03/06/2024.", None)] == [None]
    assert [d.edtf for d in dates("Sent on 03.06.2024.", None)] == ["2024-06-03"]


def test_the_day_in_a_dateline_is_marked() -> None:
    for text in (
        "SUVA, Aug. 14, 2024 (Wire) - They met on Monday.",
        "Suva, 14 August 2024. They met on Monday.",
    ):
        assert [d.heads for d in dates(text, "2024-08-14")] == [True, False]
    assert [d.heads for d in dates("They met in Suva on 14 August 2024 - a first.", "2024-08-14")] == [False]


def test_days_of_other_calendars_are_no_years() -> None:
    found = dates("It was signed on 15 Muharram 1447 (10 July 2025) in Riyadh.", "2025-08-14")
    assert [d.edtf for d in found] == ["2025-07-10"]


PARTIAL = [
    ("2024-08-14", "They met on [July 3].", "2024-07-03"),
    ("2024-08-14", "They met on [3 July].", "2024-07-03"),
    ("2024-08-14", "They met on [3 Jul] in Bern.", "2024-07-03"),
    ("2024-08-14", "They met on [Nov. 3] in Bern.", "2023-11-03"),
    ("2024-08-14", "They will meet on [Nov. 3] in Bern.", "2024-11-03"),
    ("2024-08-14", "They will meet on [Jan. 3] in Bern.", "2025-01-03"),
    ("2024-08-14", "The [July 3] accord", "2024-07-03"),
    ("2024-08-14", "They met [Nov. 11-12] in Bern.", "2023-11-11/2023-11-12"),
    ("2024-08-14", "They will meet [from 3 to 5 September].", "2024-09-03/2024-09-05"),
    ("2024-08-14", "They met [between 3 and 5 June].", "2024-06-03/2024-06-05"),
    ("2024-08-14", "They met in [January].", "2024-01"),
    ("2024-08-14", "They met in [October].", "2023-10"),
    ("2024-08-14", "They will meet in [October].", "2024-10"),
    ("2024-08-14", "A visit planned for [January] is off.", "2025-01"),
    ("2024-08-14", "A visit is scheduled for [April].", "2025-04"),
    ("2024-08-14", "The visit in [May] went well.", "2024-05"),
    ("2024-08-14", "They met in [March].", "2024-03"),
    ("2024-08-14", "It began in [late March].", "2024-03-21/2024-03-31"),
    ("2024-08-14", "It is due to begin in [mid-December].", "2024-12-11/2024-12-20"),
    ("2024-08-14", "They are planning an [early November] summit.", "2024-11-01/2024-11-10"),
    ("2024-08-14", "The ship could sail [as early as September].", "2024-09"),
    ("2024-08-14", "They have talked [since June].", "2024-06/.."),
    ("2024-08-14", "The truce will hold [until September 1].", "../2024-09-01"),
    ("2024-08-14", "The [January] summit failed.", "2024-01"),
    ("2024-08-14", "On [Tuesday, Aug. 6], they met.", "2024-08-06"),
    ("2024-08-14", "They met on [29 February].", "2024-02-29"),
    ("2023-08-14", "They met on [29 February].", "2020-02-29"),
    ("2024-01-05", "They met on [Dec. 30].", "2023-12-30"),
    ("2024-12-30", "They will meet on [Jan. 2].", "2025-01-02"),
]


@pytest.mark.parametrize(("issued", "marked", "expected"), PARTIAL)
def test_partial(issued: str, marked: str, expected: str) -> None:
    found = one(marked, issued)
    assert found is not None
    assert found.edtf == expected
    unknown = one(marked, None)
    assert unknown is not None
    assert unknown.edtf is None
    assert unknown.partial is not None


@pytest.mark.parametrize(
    "text",
    [
        "Fighting in World War II and the Second World War was fierce.",
        "The two sides may meet, and troops march on.",
        "May God help us. March on, he said.",
        "Prime Minister May left, Theresa May said.",
        "The Sunday Times and the Monday Group were there.",
        "It has 2,000 men, 1,900-mile borders and 1973 tons of steel.",
        "Resolution 1973 and Resolution 2000 passed.",
        "The October Revolution began it.",
        "Black Friday was quiet.",
        "April Jones and June Carter met August Wilson.",
        "About 2000 soldiers and 1500 sailors came.",
        "The F-35, the SM-6 and the 5.56 mm round cost $2019.",
        "Boeing 2037 left Room 1984 at 09:50.",
        "Sundays are quiet; mondays are not.",
        "It seemed to fall, and to spring up, in the second half.",
        "They marched and could decide nothing.",
        "Jan Novak and Mar Reyes spoke.",
        "He came 1st of 30 and ran 3/4 of a mile.",
        "Call 555-2019 or see 192.168.20.20.",
        "the last of the year's crops",
    ],
)
def test_no_date(text: str) -> None:
    assert [date.text for date in dates(text, "2024-08-14")] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A past full date: what has no year follows it, or comes a little before it.
        ("In July 2018 they had agreed. On March 3 they met.", ["2018-07", "2019-03-03"]),
        ("They met on 7 May 2018. On 2 May they had agreed.", ["2018-05-07", "2018-05-02"]),
        ("On 12 June, they met. They had agreed on 7 February 2018.", ["2018-06-12", "2018-02-07"]),
        # One that lies ahead: what has no year comes before it.
        ("They will meet in April 2026. They agreed in November.", ["2026-04", "2025-11"]),
        # Nothing to go by.
        ("They met on March 3 and in 1998.", [None, "1998"]),
    ],
)
def test_years_are_filled_from_the_nearest_full_date(text: str, expected: list[str | None]) -> None:
    assert [date.edtf for date in dates(text, None)] == expected


@pytest.mark.parametrize(
    ("issued", "text", "expected"),
    [
        ("2024-08", "They met on Monday, last month and last year.", [None, "2024-07", "2023"]),
        ("2024", "They met yesterday, last month and last year.", [None, None, "2023"]),
        ("2024-08-10/2024-08-20", "They met on Monday and last month.", [None, "2024-07"]),
        ("2024-08-14~", "They met on Monday.", ["2024-08-12"]),
        ("2024-08/..", "They met on Monday.", [None]),
        ("nonsense", "They met on Monday.", [None]),
        ("2024", "They met on 3 May.", ["2024-05-03"]),
    ],
)
def test_vague_day_of_publication(issued: str, text: str, expected: list[str | None]) -> None:
    assert [date.edtf for date in dates(text, issued)] == expected


def test_several_dates() -> None:
    text = "On Monday, they met; talks since 2019, and again in May 2021, led to the 3 June 2022 pact."
    assert [(date.text, date.edtf) for date in dates(text, "2024-08-14")] == [
        ("Monday", "2024-08-12"),
        ("since 2019", "2019/.."),
        ("May 2021", "2021-05"),
        ("3 June 2022", "2022-06-03"),
    ]


def test_a_preposition_governs_the_noun_after_the_date() -> None:
    assert [
        date.text for date in dates("After 2020 talks and before Friday's vote they met.", "2024-08-14")
    ] == [
        "2020",
        "Friday",
    ]


def test_ahead() -> None:
    found = dates("They met on Monday. They will meet on Friday. A Thursday.", "2024-08-14")
    assert [date.ahead for date in found] == [False, True, False]


def test_last_past_day() -> None:
    text = "They met on 3 May 2021 and on 9 May 2021, and will meet on 30 May 2031. It began in 2022."
    last = find_last_past_day(dates(text, None))
    assert last is not None
    assert last.isoformat() == "2021-05-09"
    assert find_last_past_day(dates("They met on Monday.", None)) is None


def test_all_values_are_edtf() -> None:
    cases = [expected for _, expected in ABSOLUTE]
    cases += [expected for _, _, expected in RELATIVE + PARTIAL]
    for value in cases:
        assert edtf.parse_edtf(value) is not None


ISSUED = st.one_of(
    st.none(),
    st.dates().map(lambda day: day.isoformat()),
    st.sampled_from(["2024-02-29", "2023-03-31", "2024", "2024-12", "1004-01-01", "9980-12-31", "2020/.."]),
)
VOCABULARY = (
    "last next this late early mid- the in on since until by of from to and between March May Sunday Tue."
    " week month year decade century spring 3"
    " 31 29 February 2024 1999 , . - 2 days ago end weekend 1990s '80s Q3"
    " half first yesterday will met"
    " as early Feb. 30/02/2024 2024-02-30 fiscal FY24 twenty-one hundred quarter"
)
WORDS = st.sampled_from([*VOCABULARY.split(), "\n\n"])


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=14), ISSUED)
def test_any_words(words: list[str], issued: str | None) -> None:
    doc = read(" ".join(words).replace(" ,", ",").replace(" .", "."))
    previous = 0
    for found in find_dates(doc, issued):
        assert previous <= found.start_token < found.end_token <= len(doc)
        assert found.text == doc[found.start_token : found.end_token].text
        previous = found.end_token
        if found.edtf is not None:
            assert edtf.parse_edtf(found.edtf) is not None


@settings(max_examples=200, deadline=None)
@given(st.dates(min_value=datetime.date(1950, 1, 1), max_value=datetime.date(2090, 1, 1)))
def test_written_dates_are_read_back(day: datetime.date) -> None:
    forms: list[Callable[[], str]] = [
        lambda: f"{day:%B} {day.day}, {day.year}",
        lambda: f"{day.day} {day:%B} {day.year}",
        lambda: f"{day:%A}, {day.day} {day:%b} {day.year}",
        day.isoformat,
    ]
    for form in forms:
        assert [found.edtf for found in dates(f"They met on {form()} in Quito.", None)] == [day.isoformat()]


def test_same_input_same_output() -> None:
    text = " ".join(marked.replace("[", "").replace("]", "") for _, marked, _ in RELATIVE)
    assert dates(text, "2024-08-14") == dates(text, "2024-08-14")
