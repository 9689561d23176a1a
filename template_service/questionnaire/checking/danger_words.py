"""Words that tell of danger, in English, and the same words where they tell of something else.

A phrase is words in a row; one in capitals stands for any of `CLASSES`, and `…` for up to
`checking.dangers.GAP` words. Where in doubt a phrase is a danger: one that is missed is worse than
a false alarm. So what is harmless is named narrowly, and stands only for its own words: "drug
abuse" in a text leaves "abused by a partner" in it alone.
"""

from collections.abc import Mapping


def _forms(*verbs: str) -> str:
    """Regular verbs in all their forms."""
    return " ".join(f"{verb} {verb}s {verb}ed {verb}ing" for verb in verbs)


_SELF = "yourself yourselves myself himself herself themselves ourselves oneself"
_SOMEBODY = "someone somebody anyone anybody who he she they him her them person people men man"
_KIN = (
    "partner partners husband wife spouse boyfriend girlfriend ex family relative relatives "
    "parent parents mother father brother sister uncle carer carers caregiver landlord gang"
)
_YOUNG = "child children baby babies son daughter"
_DRUG = (
    "drug drugs alcohol substance substances solvent solvents laxative laxatives medication "
    "medications medicine medicines opioid opioids opiates cannabis cocaine steroids"
)
_HIT_ED = "hit kicked slapped punched beaten choked strangled pushed shoved burned burnt"

CLASSES: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        # People.
        "SELF": _SELF,
        "YOU": "you me him her them us",
        "YOUR": "your my his her their our",
        "WHOM": f"{_SELF} you me him her them us someone somebody anyone anybody other others "
        f"another people {_YOUNG}",
        "WHO": f"{_SOMEBODY} {_KIN}",
        "KIN": f"{_KIN} {_YOUNG}",
        "FEARED": f"{_SOMEBODY} {_KIN} {_YOUNG} others neighbour neighbours neighbor neighbors "
        "boss what how violence",
        "BY": f"a an the you your my his her their any some {_SOMEBODY} {_KIN}",
        # What is done to them.
        "HURT": "hurt hurts hurting",
        "HIT": f"{_forms('kick', 'punch', 'beat', 'push', 'burn')} hit hits hitting slap slaps "
        "slapped slapping choke chokes choked choking strangle strangles strangling shove shoves "
        "shoved shoving punches pushes beaten",
        "HIT-ED": _HIT_ED,
        "HARD": f"{_HIT_ED} by hurt or",
        "BEEN": "been being was were get got or and",
        "HARM": _forms("harm", "kill"),
        "ABUSE": "abuse abused abuser abusers abuses abusing abusive",
        "THREAT": f"{_forms('threaten')} threat threats",
        "FORCE": "force forces forced forcing",
        "TOUCH": "touched touches touching",
        "SEX": "sex sexual sexually",
        "INSULT": _forms("insult"),
        "SCREAM": f"{_forms('scream', 'shout', 'yell')} curse curses cursed cursing",
        "MAKE": "make makes made making",
        "CONTROL": "control controls controlled controlling",
        "WHAT": "what where who whom when you me your my",
        "PREVENT": f"{_forms('prevent')} stop stops stopped stopping",
        "FOLLOW": _forms("follow"),
        "TAKE": "take takes took taken taking steal steals stole stolen stealing",
        "MONEY": "money benefits pension savings wages bank card passport documents belongings",
        # What they feel and wish.
        "FEAR": "afraid scared frightened terrified fear fears fearful",
        "SAFETY": f"safety life lives {_YOUNG}",
        "FEEL": "feel feels feeling felt",
        "HOME": "home house live living partner relationship with",
        "WISH": "wish wished wishing wishes want wanted wants",
        "END": "end ends ending ended take takes taking took",
        "LIFE": "life lives",
        # What the same is said of, and no danger.
        "DRUG": _DRUG,
        "MISUSE": "abuse abuser abusers",
        "A": "a an the any your my his her their our",
        "ANY": "any prescription prescribed illegal other recreational street",
        "THING": f"{_DRUG} smoking smoke tobacco vaping drinking treatment vaccine infection",
        "COULD": "could can may might will would does do",
        "SPORT": "sport sports game games film films exercise exercises cough coughing",
        "DOING": "driving walking cooking eating swimming crossing bathing showering climbing "
        "using taking exercising standing",
        "DO": "eat drive walk cook swim cross bathe shower climb use take exercise drink stand",
        "LEAVE": "move leave sell cut pay stop close choose borrow skip",
        "OFF": "off down back out short",
        "CLINIC": "doctor specialist gp nurse consultant clinic team hospital midwife physician",
        "HEIGHT": "fall falling falls heights needles",
    }.items()
}

DANGERS = (
    # Hurt and hit.
    *("HURT WHOM", "HURT YOUR KIN", "HURT YOUR own KIN", "physically HURT", "physical HURT"),
    *("hurt by BY", "been hurt", "HIT YOU", "HIT YOUR KIN", "BEEN HIT-ED … HARD"),
    *("HARM WHOM", "HARM YOUR KIN", "HARM YOUR own KIN", "physically HARM", "been harmed"),
    *("strangled", "assault", "assaults", "assaulted", "violence", "violent", "ABUSE"),
    *("humiliate", "humiliates", "humiliated", "humiliating", "humiliation"),
    *("INSULT WHOM", "SCREAM at WHOM", "talk down to YOU", "talks down to YOU"),
    # Sex, and what is done to a body.
    *("rape", "raped", "rapist", "molest", "molested", "molests", "molesting", "molestation"),
    *("FORCE SEX", "MAKE YOU do … SEX", "TOUCH WHOM", "TOUCH … without … consent"),
    *("SEX … without … consent", "against YOUR will", "unwanted SEX", "unwanted touching"),
    *("fgm", "genital mutilation", "genital cutting", "female circumcision", "you been cut"),
    # Fear and threats.
    *("FEAR of … FEARED", "FEAR at home", "FEAR for … SAFETY", "in fear"),
    *("FEAR in YOUR home", "FEAR in YOUR own home", "FEAR to go home", "FEAR of going home"),
    *("WHO … MAKE YOU … FEAR", "WHO … MAKE YOU … unsafe"),
    *("THREAT WHOM", "THREAT YOUR KIN", "THREAT with", "THREAT by BY"),
    *("THREAT of harm", "THREAT of violence", "THREAT to HURT", "THREAT to HARM", "THREAT to HIT"),
    *("FEEL threatened", "BEEN threatened", "you threatened"),
    *("FEEL … unsafe", "unsafe at home", "unsafe in", "unsafe where", "unsafe with"),
    *("unsafe around", "FEEL safe", "FEEL … safe … HOME", "safe … FEEL … HOME"),
    *("safe at home", "safe in YOUR … HOME"),
    # Force and control.
    *("FORCE WHOM", "FORCE to", "FORCE into", "BEEN forced", "forced marriage"),
    *("coerce", "coerced", "coercion", "coercive", "trafficked", "trafficking", "exploited"),
    *("WHO … CONTROL WHAT", "FEEL controlled", "controlled by … KIN", "controlled by … WHO"),
    *("controlling behaviour", "controlling behavior", "controlling relationship"),
    *("WHO … PREVENT YOU", "WHO … TAKE YOUR MONEY", "WHO … TAKE YOUR own MONEY"),
    *("stalk", "stalked", "stalker", "stalking", "being followed", "WHO … FOLLOW YOU"),
    # Suicide and harm to oneself.
    *("suicide", "suicides", "suicidal", "suicidality", "self harm", "self harmed"),
    *("self harming", "self injury", "selfharm", "not worth living", "better off dead"),
    *("better off if … dead", "WISH … dead", "WISH to die", "WISH to be dead"),
    *("END YOUR LIFE", "END YOUR own LIFE"),
)
"""In no company but the words of each is any of them a danger: a hit may be a song, a forced volume
a lung test, and a company threatens to cut off the gas."""

HARMLESS = (
    *("it HURT", "rape seed", "oilseed rape", "violent SPORT"),
    *("DRUG MISUSE", "ABUSE DRUG", "ABUSE of DRUG", "ABUSE ANY DRUG", "ABUSE of ANY DRUG"),
    *("THING HARM", "THING COULD HARM", "FEAR of HEIGHT", "FEAR of the dark"),
    *("FEEL safe DOING", "FEEL … safe DOING", "FEEL safe to DO", "safe … FEEL DOING"),
    *("FORCE to LEAVE", "BEEN forced to LEAVE", "you been cut OFF"),
    *("BEEN pushed to pay", "being followed up", "being followed by A CLINIC"),
)
