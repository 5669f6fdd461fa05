"""The languages each transcription engine is documented to know.

The lists grow at the provider, so they warn and suggest; they never refuse.
Source: Telnyx API reference, Transcription start; SDK 4.189.
"""

from __future__ import annotations

from collections.abc import Mapping


def _split_tags(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GOOGLE = _split_tags(
    "af sq am ar hy az eu bn bs bg my ca yue zh hr cs da nl en et fil fi fr gl ka de el gu iw hi hu is id it ja jv kn "
    "kk km ko lo lv lt mk ms ml mr mn ne no fa pl pt pa ro ru rw sr si sk sl ss st es su sw sv ta te th tn tr ts uk ur "
    "uz ve vi xh zu"
)
TELNYX = _split_tags(
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su auto_detect"
)
DEEPGRAM_NOVA_2 = _split_tags(
    "bg ca zh zh-CN zh-Hans zh-TW zh-Hant zh-HK cs da da-DK nl en en-US en-AU en-GB en-NZ en-IN et fi nl-BE fr fr-CA "
    "de de-CH el hi hu id it ja ko ko-KR lv lt ms no pl pt pt-BR pt-PT ro ru sk es es-419 sv sv-SE th th-TH tr uk vi "
    "auto_detect"
)
DEEPGRAM_NOVA_3 = _split_tags(
    "en en-US en-AU en-GB en-IN en-NZ de nl sv sv-SE da da-DK es es-419 fr fr-CA pt pt-BR pt-PT auto_detect"
)
AZURE = _split_tags(
    "af am ar bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lo lt "
    "lv mk ml mn mr ms mt my nb ne nl pl ps pt ro ru si sk sl so sq sr sv sw ta te th tr uk ur uz vi wuu yue zh zu auto"
)
XAI = _split_tags("ar cs da de en es fa fil fr hi id it ja ko mk ms nl pl pt ro ru sv th tr vi")
SPEECHMATICS_STANDARD = _split_tags(
    "en ba eu gl ga mt mn sw ug cy ar_en cmn_en en_ms en_ta tl es-bilingual-en cmn_en_ms_ta"
)
SPEECHMATICS_LINDEN_1 = SPEECHMATICS_STANDARD + _split_tags(
    "ar be bg bn ca cmn cs da de el eo es et fa fi fr he hi hr hu ia id it ja ko lt lv mr ms nl no pl pt ro ru sk sl "
    "sv ta th tr uk ur vi yue en-US en-GB en-AU cmn-Hans cmn-Hant"
)
HUMAIN = _split_tags("ar en codeswitch auto")
RESON8 = _split_tags("auto nl en fr fy de it pl pt es sv")
COHERE = _split_tags("ar en")

# What the `standard` model reads as English and `linden-1` refuses.
SPEECHMATICS_NO_CHOICE = frozenset({"", "auto", "auto_beta", "multi"})

# Hebrew is spelled differently by Google and Telnyx; the wrong one gives no text at all.
OTHER_SPELLINGS: Mapping[str, str] = {"he": "iw", "iw": "he"}
