"""Questionnaires in several languages, by the translation extension of FHIR R4.

A text carries its translations beside it, as extensions of the primitive (`_text`):
https://hl7.org/fhir/R4/languages.html and
https://hl7.org/fhir/R4/extension-translation.html. Concepts of contained value sets and code
systems carry theirs as `designation`. Languages are BCP 47 tags.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from template_service.questionnaire.elements import copied, elements, listed, objects, objects_in
from template_service.questionnaire.extensions import extensions, value

UNKNOWN = "und"
"""BCP 47's tag for a language that is not known: that of a resource that does not say its own."""

# What people read. Never a code, a linkId, a URL, or an option that is a string: there the text is
# the value that is stored, and a translated one would be another answer.
_TEXTS = frozenset({"title", "description", "purpose", "copyright", "text", "prefix", "display"})
_TEXTS_OF_EXTENSIONS = frozenset({"valueString", "valueMarkdown"})
_TEXTS_OF_ELEMENTS = _TEXTS | {"unit"}
_TEXT_OF_OPTIONS = frozenset({"valueString"})
_UNTRANSLATED = frozenset({"title", "text", "display"})
_SHOWN_EXTENSIONS = frozenset({"entryFormat", "sdc-questionnaire-openLabel", "sdoh-hint"})
# The same text again, as HTML or markdown: without a translation of its own it would win.
_RENDERINGS = ("rendering-xhtml", "rendering-markdown")

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_HEADER_LIMIT = 1_000
_QUALITY = re.compile(r"q=(0(\.\d{0,3})?|1(\.0{0,3})?)")

# Scripts written from right to left: https://www.w3.org/International/questions/qa-scripts and
# ISO 15924; the languages are those that Unicode CLDR's likely subtags give such a script.
_RTL_SCRIPTS = frozenset(
    "adlm arab aran hebr mand mend nkoo rohg samr syrc thaa yezi".split()  # noqa: SIM905
)
_RTL_LANGUAGES = frozenset(
    """
    aao abh abv acm acq acw acx adf ae aeb aec aee aeq afb aib aii aij aiq ajp amw apc apd ar
    arb arc arq ars ary arz ask atn auj auz avd avl ayh ayl ayn ayp azb bal bdz bej bft bgn
    bgp bhe bhm bhn bjf bjm bqi brh brk bsh bsk chg cja ckb clh czk dcc def deh dgl dmk dml dv
    esh fa fay faz fia fub gbz ggg gha ghr gig gjk gju glh glk gwc gwf gwt gzi hac haz hbo he
    hkh hnd hno hoh hrt hrz hss huy isk itk iw jad jat jbe jbn jdg ji jnd jog jpa jpr jrb jye
    kbu kby kcy kfm khw klj kmz kqd ks ktl kvx kxp lad lah lhs lki lrc lrk lrl lsa lsd lss luv
    luz mby mde mey mfa mfi mhj mid mki mnj mve mvy myz mzn nli nlm nqo ntz nyq oar odk oru
    ota pbt pbu phl phr phv plk pnb prc prd prs prx ps psh psi pst qxq rdb rhg rmt sam sbn scl
    sd sdb sdf sdg sdh sds sgr sgy shd shm shu shv siy siz skr smp smy sqo sqt srh srz ssh sts
    swb syc syn syr tjo tks tmr tov tra trg trm trw ug ur ush uzs vaf vgr vmh wbk wlo wne wni
    wsv xhe xka xkc xkj xkp xvi ydd ydg yhd yi yih yud zba zdj zrp zum
    """.split()  # noqa: SIM905
)
# By the same source: where a language is written the other way than it mostly is.
_TURNED_IN = frozenset(
    """
    az-iq az-ir ha-cm ha-sd kk-af kk-cn kk-ir kk-mn ku-iq ku-ir ku-lb ky-cn mey-sn ms-cc pa-pk
    sd-in tg-pk ug-kz ug-mn uz-af
    """.split()  # noqa: SIM905
)


def languages_of(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages a Questionnaire has texts in: its own first (`und` when it does not say)."""
    own = resource.get("language")
    found = {_key(own): own} if _is_tag(own) else {UNKNOWN: UNKNOWN}
    for node in objects_in(resource):
        for tag in (*_translation_tags(node), *_designation_tags(node)):
            found.setdefault(_key(tag), tag)
    return tuple(found.values())


def translated(resource: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The Questionnaire with its texts in a language, as a new resource.

    Each text falls back by itself: es-MX, then es, then the text as it stands (so it does in en-GB
    of a Questionnaire that is in en). Codes, linkIds,
    expressions and string options stay as they are. `language` of the result says the language
    asked for, when at least one text has it.
    """
    copy: dict[str, Any] = copied(resource)
    lookups, own = _lookups(language), _key(resource.get("language"))
    wanted = lookups[: lookups.index(own)] if own in lookups else lookups
    done = [_translate(node, wanted) for node in objects_in(copy)] if wanted else []
    if any(done):
        copy["language"] = language
    return copy


def best_language(accept_language: str | None, available: Sequence[str]) -> str:
    """The language of those available that an Accept-Language header asks for.

    RFC 4647, section 3.4 (lookup), for each range by its quality; then a narrower one that is
    there (es-MX for es). The first available when nothing fits; `und` when there is none.
    """
    by_key = {_key(tag): tag for tag in available}
    for wanted in _ranges(accept_language or ""):
        if wanted == "*":
            break
        for key in _lookups(wanted):
            if key in by_key:
                return by_key[key]
        narrower = (tag for key, tag in by_key.items() if key.startswith(f"{wanted}-"))
        if (tag := next(narrower, None)) is not None:
            return tag
    return available[0] if available else UNKNOWN


def direction(language: str) -> str:
    """`rtl` for a language written from right to left, else `ltr`.

    A script in the tag decides, then the region (pa-PK is Arabic script, pa is not).
    """
    # What comes after a single letter is an extension or private (RFC 5646, section 2.2).
    first, *rest = re.split(r"-\w(?:-|$)", _key(language), maxsplit=1)[0].split("-")
    scripts = [part for part in rest if len(part) == 4 and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in _RTL_SCRIPTS else "ltr"
    turned = any(f"{first}-{part}" in _TURNED_IN for part in rest)
    return "rtl" if (first in _RTL_LANGUAGES) is not turned else "ltr"


def untranslated(resource: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """The places of the texts people read that a language does not have, in document order.

    Empty for the questionnaire's own language. Texts without a letter need no translation. An
    option that is a string is always among them: it is what is stored, and `translated` keeps it.
    """
    wanted = _lookups(language)
    if _key(resource.get("language")) in wanted:
        return ()
    return tuple(_missing(resource, wanted))


def _missing(resource: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[str]:
    for place, node in elements(resource, "Questionnaire"):
        names = _UNTRANSLATED
        if _is_extension(node):
            shown = str(node["url"]).rsplit("/", 1)[-1] in _SHOWN_EXTENSIONS
            names = _TEXTS_OF_EXTENSIONS if shown else frozenset()
        elif place.rsplit(".", 1)[-1].startswith("answerOption["):
            names = _TEXT_OF_OPTIONS
        elif ".meta" in place or ".code[" in place or not _is_shown(place):
            continue
        for name in node.keys() & names:
            text = node[name]
            read = isinstance(text, str) and any(map(str.isalpha, text))
            if read and (names is _TEXT_OF_OPTIONS or not _translation(node, name, wanted)):
                yield f"{place}.{name}"


def _is_shown(place: str) -> bool:
    """Whether the display of a coding there is read by the people who answer."""
    last = place.rsplit(".", 1)[-1]
    if last.startswith(("valueCoding", "concept", "contains")):
        return ".answerOption" in place or ".contained" in place
    return last == "Questionnaire" or last.startswith("item[")


def _translate(node: dict[str, Any], wanted: Sequence[str]) -> bool:
    """Put the translations of one element in place; whether there was one."""
    done = False
    names = _TEXTS_OF_EXTENSIONS if _is_extension(node) else _TEXTS_OF_ELEMENTS
    for name in [name for name in node if name in names and isinstance(node[name], str)]:
        text = _translation(node, name, wanted)
        if text is not None:
            node[name] = text
            _drop_renderings(node.get(f"_{name}"), wanted)
            done = True
    return done


def _translation(node: Mapping[str, Any], name: str, wanted: Sequence[str]) -> str | None:
    """The text of one property in the first of the languages that it has."""
    primitive = node.get(f"_{name}")
    found = dict(_translations(primitive)) if isinstance(primitive, dict) else {}
    if name == "display":
        found = dict(_designations(node)) | found
    return next((found[key] for key in wanted if key in found), None)


def _translations(primitive: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for extension in extensions(primitive, "translation"):
        language = value(extension, "lang", "valueCode")
        content = _content(extension)
        if _is_tag(language) and content is not None:
            yield _key(language), content


def _content(extension: Mapping[str, Any]) -> str | None:
    for part in extensions(extension, "content"):
        for kind in ("valueString", "valueMarkdown"):
            text = part.get(kind)
            if isinstance(text, str) and text.strip():
                return text
    return None


def _designations(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in objects(node.get("designation")):
        language, text = each.get("language"), each.get("value")
        if _is_tag(language) and isinstance(text, str) and text.strip():
            yield _key(language), text


def _translation_tags(node: Mapping[str, Any]) -> Iterator[str]:
    for extension in extensions(node, "translation"):
        language = value(extension, "lang", "valueCode")
        if _is_tag(language) and _content(extension) is not None:
            yield language


def _designation_tags(node: Mapping[str, Any]) -> Iterator[str]:
    for each in objects(node.get("designation")):
        if _is_tag(each.get("language")):
            yield each["language"]


def _drop_renderings(primitive: Any, wanted: Sequence[str]) -> None:
    """Take away the HTML and markdown of a text that has just been translated without them."""
    if not isinstance(primitive, dict):
        return
    stale = [
        id(each)
        for name in _RENDERINGS
        for each in extensions(primitive, name)
        if not any(_translation(each, kind, wanted) for kind in _TEXTS_OF_EXTENSIONS)
    ]
    if stale:
        kept = [each for each in listed(primitive["extension"]) if id(each) not in stale]
        primitive["extension"] = kept


def _ranges(header: str) -> list[str]:
    """The language ranges of a header, best first; those refused (q=0) or malformed left out."""
    found: list[tuple[float, str]] = []
    for part in header[:_HEADER_LIMIT].split(","):
        tag, _, parameter = (piece.strip() for piece in part.partition(";"))
        quality = _QUALITY.fullmatch(parameter) if parameter else None
        if (_is_tag(tag) or tag == "*") and (quality or not parameter):
            found.append((float(quality[1]) if quality else 1.0, _key(tag)))
    # Sorting is stable: of equal quality, the one named first.
    return [tag for quality, tag in sorted(found, key=lambda one: -one[0]) if quality > 0]


def _lookups(language: object) -> tuple[str, ...]:
    """A tag and what it falls back to (RFC 4647, section 3.4): zh-hant-tw, zh-hant, zh."""
    if not _is_tag(language):
        return ()
    parts = _key(language).split("-")
    found = []
    while parts:
        found.append("-".join(parts))
        parts.pop()
    return tuple(found)


def _key(language: object) -> str:
    return language.lower() if isinstance(language, str) else ""


def _is_extension(node: Mapping[str, Any]) -> bool:
    return "url" in node and "resourceType" not in node


def _is_tag(language: object) -> TypeGuard[str]:
    return isinstance(language, str) and _TAG.fullmatch(language) is not None
