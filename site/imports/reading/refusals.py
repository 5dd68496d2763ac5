"""Why a file is not read, in sentences that say what to do. For the site and the reading process alike."""


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the catalogue; the reading process knows no Django."""
    return sentence


SENTENCES = {
    "unsupported": gettext_noop(
        "不认识“%(name)s”这种文件。请用 WPS 或 Excel 另存为 .xlsx，也可以上传 .xls、.et 或 .csv。"
    ),
    "empty": gettext_noop("文件是空的。请检查是否选对了文件，再上传一次。"),
    "too_large": gettext_noop("文件有 %(size)s MB，最多 %(most)s MB。请拆成几个文件，分别上传。"),
    "wrong_extension": gettext_noop(
        "文件名的后缀是 %(extension)s，内容却是 %(actual)s。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"
    ),
    "web_page": gettext_noop("这是改了后缀的网页，不是表格。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"),
    "not_a_sheet": gettext_noop(
        "这个文件里没有表格。请用 WPS 或 Excel 打开，确认无误后另存为 .xlsx 再上传。"
    ),
    "damaged": gettext_noop(
        "文件已损坏或不完整。请重新下载或复制，用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"
    ),
    "encrypted": gettext_noop("文件设了打开密码。请在 WPS 或 Excel 里取消密码，保存后再上传。"),
    "unsafe": gettext_noop(
        "文件里有表格用不到的内容（%(what)s），不能读取。请用 WPS 或 Excel 打开，另存为 .xlsx。"
    ),
    "too_many_parts": gettext_noop(
        "文件由 %(count)s 个部分组成，最多 %(most)s 个。请删去图片和不用的工作表，再上传。"
    ),
    "duplicate_parts": gettext_noop(
        "文件里有重名的部分（%(part)s）。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"
    ),
    "too_big_inside": gettext_noop(
        "文件展开后超过 %(most)s MB。请删去图片和空白格式，或拆成几个文件再上传。"
    ),
    "too_many_sheets": gettext_noop("文件有 %(count)s 个工作表，最多 %(most)s 个。请拆成几个文件再上传。"),
    "too_many_styles": gettext_noop(
        "文件里有 %(count)s 种单元格格式，最多 %(most)s 种。请把数据复制到新表（只粘贴数值），再上传。"
    ),
    "too_many_names": gettext_noop(
        "文件里定义了 %(count)s 个名称，最多 %(most)s 个。请把数据复制到新表（只粘贴数值），再上传。"
    ),
    "too_many_merges": gettext_noop(
        "工作表“%(sheet)s”的合并单元格太多，最多 %(most)s 处。请取消合并，逐行填写后再上传。"
    ),
    "too_many_columns": gettext_noop(
        "工作表“%(sheet)s”在 %(column)s 列还有内容，最多读到 %(most)s 列。请删去右边多余的内容，再上传。"
    ),
    "too_many_rows": gettext_noop("工作表“%(sheet)s”的内容超过 %(most)s 行。请拆成几个文件再上传。"),
    "outside": gettext_noop(
        "工作表“%(sheet)s”里有不存在的单元格（%(address)s）。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"
    ),
    "disorder": gettext_noop(
        "工作表“%(sheet)s”的单元格次序是乱的（%(address)s）。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"
    ),
    "false_count": gettext_noop(
        "文件声称的文字条数与实际不符。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"
    ),
    "utf16": gettext_noop("文件是 UTF-16 编码的文本。请在 WPS 或 Excel 里另存为“CSV UTF-8”或 .xlsx 再上传。"),
    "encoding": gettext_noop(
        "第 %(line)s 行的文字编码认不出来，不是 UTF-8，也不是 GB18030。请另存为“CSV UTF-8”或 .xlsx 再上传。"
    ),
    "mixed_encoding": gettext_noop(
        "文件里混用了两种文字编码（如第 %(line)s 行是 UTF-8，别处不是）。请另存为“CSV UTF-8”或 .xlsx 再上传。"
    ),
    "nul": gettext_noop("第 %(line)s 行有空字符，文件可能已损坏。请另存为“CSV UTF-8”或 .xlsx 再上传。"),
    "quotes": gettext_noop(
        "第 %(line)s 行的引号没有成对，或单元格太长。请用 WPS 或 Excel 检查，另存为 .xlsx 再上传。"
    ),
    "too_slow": gettext_noop("读这个文件用的时间太长，已停止。请拆成几个文件，或把数据复制到新表再上传。"),
    "too_much_memory": gettext_noop(
        "读这个文件要用的内存太多，已停止。请拆成几个文件，或另存为 .xlsx 再上传。"
    ),
    "crashed": gettext_noop("这个文件读不下去，可能已损坏。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"),
    "json": gettext_noop(
        "这个 .json 读不下去（第 %(line)s 行）。请从对方系统重新导出一份，不要手工改动，再上传。"
    ),
    "json_shape": gettext_noop(
        "这个 .json 里要是一组事项，每个事项是一组“名称: 内容”。请按国家接口的格式导出，再上传。"
    ),
    "json_value": gettext_noop(
        "第 %(number)s 个事项的“%(column)s”里不是文字或数字，不能读取。请按国家接口的格式导出，再上传。"
    ),
    "json_repeat": gettext_noop("“%(column)s”在同一个事项里写了两次。请从对方系统重新导出一份，再上传。"),
    "no_space": gettext_noop("服务器的磁盘空间不够，文件没有保存。请告诉管理员，腾出空间后再上传。"),
    "no_sheet": gettext_noop("文件里没有名为“%(sheet)s”的工作表。"),
}


class Refused(Exception):
    """A file that is not read; ``str()`` is the sentence for the person who uploaded it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def sentence(self) -> str:
        """The sentence with its gaps, for the catalogue."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        return self.sentence % self.params
