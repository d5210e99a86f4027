"""Does the application answer over HTTP, and as fast as before?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence.observation import ProbeAnswer
from watari.locale import Text
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.expectation import Expectation
from watari.verification.verdict import Verdict

ANSWERS = Text(
    en="{url} answers {status} in {milliseconds} ms", ja="{url} は {milliseconds} ミリ秒で {status} を返しました"
)
SILENT = Text(en="{url} does not answer: {error}", ja="{url} から応答がありません: {error}")
REFUSES = Text(en="{url} answers {status}", ja="{url} が {status} を返しました")
SLOW = Text(
    en="{url} answers {status} in {milliseconds} ms; {expected}",
    ja="{url} は {status} を返しましたが、応答に {milliseconds} ミリ秒かかりました。{expected}",
)
THAN_BEFORE = Text(en="before it took {before} ms", ja="実行前は {before} ミリ秒でした")
THAN_LIMIT = Text(en="more than {limit} ms is slow", ja="{limit} ミリ秒を超えると遅いと判定します")
NOT_ASKED = Text(
    en="no address of the application is set (probe_url in watari.toml)",
    ja="アプリケーションの確認先が設定されていません(watari.toml の probe_url)",
)

_CURL = "curl -sS -o /dev/null -w '%{{http_code}} %{{time_total}}' {url}"
_SLOWER = 2.0  # times the answer before, if that is more than a fifth of a second
_NOTICEABLE = 0.2


def _compare(compared: Compared) -> Iterator[Verdict]:
    answer, expectation = compared.observation.probe, compared.expectation
    if answer is None:
        whole = Subject(check=CHECK.name, object=compared.catalog.database)
        yield whole.failed(NOT_ASKED()) if expectation.probe_wanted else whole.skipped(NOT_ASKED())
        return
    subject = Subject(check=CHECK.name, object=answer.url, expected="< 400", query=_CURL.format(url=answer.url))
    if answer.error is not None or answer.status is None:
        yield subject.failed(SILENT(url=answer.url, error=answer.error or "?"))
    elif answer.status >= 400:
        yield subject.failed(REFUSES(url=answer.url, status=answer.status), str(answer.status))
    else:
        yield _in_time(subject, answer, expectation)


def _in_time(subject: Subject, answer: ProbeAnswer, expectation: Expectation) -> Verdict:
    seconds, before, limit = answer.seconds or 0.0, expectation.probe_before, expectation.probe_seconds
    fields = {"url": answer.url, "status": answer.status, "milliseconds": round(seconds * 1000)}
    actual = str(answer.status)
    earlier = before.seconds if before and before.error is None else None
    if earlier is not None and seconds > earlier * _SLOWER and seconds - earlier > _NOTICEABLE:
        than = THAN_BEFORE(before=round(earlier * 1000))
        return subject.warned(SLOW(**fields, expected=than), actual)
    if seconds > limit:
        return subject.warned(SLOW(**fields, expected=THAN_LIMIT(limit=round(limit * 1000))), actual)
    return subject.passed(ANSWERS(**fields), actual)


CHECK = Check(
    name="http probe",
    title=Text(en="the application answers", ja="アプリケーションの応答確認"),
    question=None,
    compare=_compare,
)
