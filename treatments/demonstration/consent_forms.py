"""The consent forms of the demonstration clinic: the samples, a version of its own, and two translations."""

from dataclasses import dataclass
from typing import Final

from treatments.consents.purposes import ConsentKind

YEARS_KEPT: Final = 6
"""So many years ago the clinic wrote its forms: before the first visit of any scenario."""
MONTHS_SINCE_VERSION_2: Final = 4

SENTENCE_ADDED: Final = (
    "Stay in the clinic for half an hour after the first session, so that we can help you if your skin reacts."
)


@dataclass(frozen=True)
class Translation:
    kind: ConsentKind
    title: str
    language: str
    body: str
    covers_unapproved: bool = True


# Written for the demonstration: short, and no clinic's form.
CHINESE: Final = Translation(
    ConsentKind.TREATMENT,
    "头皮外泌体治疗",
    "zh-Hans",
    """\
# 治疗内容
医生已检查您的头皮，并说明了脱发的类型。外泌体是细胞释放的微小颗粒，用针注入头皮，通常每月一次，共数次。

# 此用途未获批准
没有任何机构批准本产品以注射方式治疗脱发。疗效和安全性只在少数人身上、在短时间内研究过。

# 可能发生的情况
- 常见：疼痛、发红、肿胀、瘀青、瘙痒、头痛，多在几天内消失。
- 少见：感染、过敏反应、皮下硬结。
- 极少见：针刺处皮肤坏死，或需要立即救治的严重过敏反应。

# 由您决定
- 您可以拒绝，也可以随时停止，不必说明理由。
- 您也可以选择米诺地尔、非那雄胺、植发，或不治疗。

签名表示您已阅读本表，或有人为您读过，并同意接受治疗。""",
)
ARABIC: Final = Translation(
    ConsentKind.TREATMENT,
    "علاج فروة الرأس بالإكسوسومات",
    "ar",
    """\
# ما الذي يُعطى
الإكسوسومات جسيمات صغيرة جداً تطلقها الخلايا. تُحقن في جلد فروة الرأس بإبرة، في عدة جلسات، مرة كل شهر عادةً.

# هذا الاستعمال غير معتمد
لم تعتمد أي جهة هذا المنتج لعلاج تساقط الشعر بالحقن. دُرست فائدته وسلامته على عدد قليل من الناس ولمدة قصيرة.

# ما الذي قد يحدث
- كثيراً: ألم واحمرار وتورم وكدمات وحكة وصداع، وتزول غالباً خلال أيام.
- نادراً: عدوى أو تحسس أو كتل تحت الجلد.
- نادراً جداً: موت الجلد في مكان الإبرة، أو تحسس شديد يحتاج إلى مساعدة فورية.

# القرار لك
- يمكنك أن ترفض، ويمكنك أن تتوقف في أي وقت دون ذكر السبب.
- يمكنك أن تختار المينوكسيديل أو الفيناسترايد أو زراعة الشعر أو عدم العلاج.

بتوقيعك تقول إنك قرأت هذه الاستمارة، أو إنها قُرئت عليك، وإنك موافق على العلاج.""",
)
