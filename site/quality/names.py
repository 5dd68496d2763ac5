"""Names of people: beside an identity number (张三，身份证号 …), beside what nobody may tell of them."""

import re
from collections.abc import Iterable

# The hundred-odd surnames that cover nearly everyone, and the usual double ones.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
    "钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康施牛"
    "温芦葛洪樊兰殷庄章鲁倪邢翟焦俞童柴裴阎褚窦古欧聂齐乔伍庞关阮季包左岳梅路甘祝凌霍娄柯桂喻翁鲍"
)
DOUBLE_SURNAMES = "欧阳|上官|司马|诸葛|慕容|司徒|夏侯|皇甫|尉迟|令狐|东方|公孙|端木"
_NAME = rf"(?:(?:{DOUBLE_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_HAN = r"[\u4e00-\u9fff]"
# What may stand between a name and the number.
_BETWEEN = (
    r"(?:[ \t,，、:;；(/|]|\0+|男|女|汉族|[一-龥]族|先生|女士|同志|[0-9]{1,3}岁?|出生|性别|民族"
    r"|(?:其|的|居民|公民|本人)|身份证件?|证件|号码?|编号|为|是|ID|id)"
)
_BEFORE = re.compile(
    rf"(?:(?<!{_HAN})|(?<=姓名)|(?<=居民)|(?<=村民)|(?<=业主)|(?<=申请人)|(?<=当事人)|(?<=户主)|(?<=党员)|(?<=患者)"
    rf"|(?<=联系人)|(?<=经办人)|(?<=负责人)|(?<=代表人)|(?<=配偶)|(?<=之子)|(?<=之女)|(?<=叫)|(?<=兹有)|(?<=群众))"
    rf"({_NAME}){_BETWEEN}{{1,8}}$"
)
_AFTER = re.compile(rf"[ \t,，、:(/|]{{1,3}}({_NAME})(?!{_HAN})")
# Words that begin like a name, by their first two characters.
_NO_NAMES = re.compile(
    "高[中龄校危血新度等级位低铁]|金[额融钱属]|时[间]|方[式便可面法案向]|余[额人名下款]|常[住年见规用务委]|全日"
    "|任[职何意一教期]|关[于爱心怀注系停]|于[是今本次当每此]|万[元人户一]|向[我您本社街有所前民乡县区村上]|程[度序]"
    "|石材|白[天血内癜发色领]|康[复养]|严[重禁格厉]|何[种时处人地]|包[括含户片联]|曾[经患因有用被是]|马[上路]"
    "|路[段口边面灯]|江[苏西南北东]|章[程节]|施[工行]|顾[问虑]|童[年]|温[馨暖州]|焦[虑]|季[度节]|钱[款物]|左[右眼手侧]"
    "|贺[卡信]|祝[福愿]|梅毒|牛奶|雷[电雨]|武[装汉]|付[款费]|夏[季令天]|许[可多]|谢[绝谢]|宋体|洪[水涝]|苏[州打]"
    "|叶酸|范[围本例]|田间|林[业区地]|唐山|郑州|兰州|桂林|金华|庄重|成[员年]|先[生进]|单[位元]|古[代镇]|史料|汤药"
    "|黄[金色河岛]|龙[头虎]|齐[全心]|陈[述旧列]|周[边围岁期一二三四五六日末]|连[续带同]|杜绝|潘[多]|毛[病坯]|明[确]|沈阳"
    "|高[清压考]|党[员委]|柳州|凌[晨]|支[部付]|管[理道]|房[产屋]|安[置全]|易[地]|解[除]"
)
# Characters of words about offices, papers and times, which hardly anybody's name has.
_NO_GIVEN_NAME = re.compile(
    "[的了在是有为和与或及等其他不须应将被由对从至到您我你们这那哪该各每某区街道社县市省镇乡村路号室栋幢层所局部门委办处"
    "站校费额量数率表格证件料款项序围度龄眼种类型级别居民户籍者员费险病症障残疾贫困补贴助请申报审批机构单位先女士老"
    "本次元个以之需要已未无非均按据经过于并且但如若因此则内外前后周期间限款给付收入支出帮扶管理服务政府]"
)
_REACH = 40


def is_name(text: str) -> bool:
    """Whether what begins with a surname may be a name, and no word that begins like one."""
    return not _NO_NAMES.match(text) and not _NO_GIVEN_NAME.search(text, 1)


def names_beside(numbers: Iterable[tuple[int, int]], *, plain: str) -> list[tuple[int, int]]:
    """Spans of the names right before or right after the identity numbers at these spans."""
    found = set()
    for start, end in numbers:
        before = _BEFORE.search(plain[max(0, start - _REACH) : start])
        if before and is_name(before[1]):
            offset = max(0, start - _REACH)
            found.add((before.start(1) + offset, before.end(1) + offset))
            continue
        after = _AFTER.match(plain, end)
        if after and is_name(after[1]):
            found.add(after.span(1))
    return sorted(found)


# What may come before a name without a stop between: who that is.
WHO = (
    r"姓名|居民|村民|业主|申请人|当事人|户主|党员|患者|配偶|之子|之女|兹有|群众|学生|儿童|老人|低保户|五保户|残疾人"
    r"|监护人|联系人|儿子|女儿|丈夫|妻子|叫|请找"
)
_LEFT = rf"(?:(?<!{_HAN})|" + "|".join(f"(?<={word})" for word in WHO.split("|")) + ")"
STANDING_NAME = re.compile(rf"{_LEFT}({_NAME})(?={_HAN}|[^*]|$)")
# From a name to what is said of the person: 张三，男，65岁，系…; a 、 would make it a list of like things.
_SAID = (
    r"(?:[ \t,，:：;；(|/]|\0+|男|女|汉族|[0-9]{1,3}周?岁|[0-9*]{6,18}[Xx*]?|系|为|是|属于?"
    r"|因|患有?|有|曾|被|现|已|确诊|认定|纳入|享受|申请|领取|涉嫌|家庭|全家|一户|本人|夫妇|身份证号?码?|联系?电话|手机号?|其[父母夫妻子女]|的)"
)
_LABEL = (
    r"(?:证|[一二三四]级|人员|对象|户|患者|家庭|人士|学生|儿童|老人"
    r"|居民|病人|病|症|障碍|者|人|名单|状况|情况)"
)
_OFFICE = (
    r"(?:人|者|人员|对象)?(?:联|工作|服务|事业|专职|专干|保障|救助|管理|中心|协管|协会|专委|康复|就业|证明)"
)
_LISTED = re.compile(rf"[、,，; ]{{1,2}}({_NAME})(?!{_HAN})")
_CELL = re.compile(rf"(?<![^\t\n])[ ]*({_NAME})[ ]*(?=\t|\n|$)")
_SHORT_CELL = 12


class Sensitive:
    """Names next to any of some words (吸毒, 残疾 …), which together tell what nobody is to know."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(word for word in (word.strip() for word in words) if word)
        word = "|".join(map(re.escape, sorted(self.words, key=len, reverse=True))) or r"(?!)"
        self.word = re.compile(word)
        self._before = re.compile(rf"{_LEFT}({_NAME})(?={_SAID}{{1,8}}?(?:{word})(?!{_OFFICE}))")
        self._after = re.compile(
            rf"(?:{word})(?:{_LABEL}{{0,2}}[ \t:：(]{{1,2}}(?:姓名|户主)?[:：]?|{_LABEL}{{1,2}})({_NAME})"
            rf"(?=[被因于已系在]|(?!{_HAN}|\*))"
        )

    def may_name(self, text: str) -> bool:
        return self.word.search(text) is not None

    def names(self, plain: str) -> list[tuple[int, int]]:
        """Spans of the names in ``plain`` that stand beside one of the words, in order."""
        found: set[tuple[int, int]] = set()
        for line in _lines_with(self.word, plain):
            found.update(found_name.span(1) for found_name in self._before.finditer(plain, *line))
            for after in self._after.finditer(plain, *line):
                name: re.Match[str] | None = after
                while name and is_name(name[1]):  # 低保户：张三、李四、王五
                    found.add(name.span(1))
                    name = _LISTED.match(plain, name.end(), line[1])
            if "\t" in plain[slice(*line)]:
                found.update(self._in_cells(plain, *line))
        return sorted(span for span in found if is_name(plain[slice(*span)]))

    def _in_cells(self, plain: str, start: int, end: int) -> Iterable[tuple[int, int]]:
        """A row of a table: one cell is a name, another short one what is said of the person."""
        cells = plain[start:end].split("\t")
        if any(len(cell) <= _SHORT_CELL and self.word.search(cell) for cell in cells):
            yield from (name.span(1) for name in _CELL.finditer(plain, start, end))


def _lines_with(word: re.Pattern[str], plain: str) -> Iterable[tuple[int, int]]:
    done = 0
    while found := word.search(plain, done):
        start = plain.rfind("\n", 0, found.start()) + 1
        end = plain.find("\n", found.end())
        done = len(plain) if end < 0 else end
        yield start, done
