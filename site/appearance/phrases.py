"""Phrases of these pages that OpenCC takes apart in the wrong place, in traditional characters."""

PHRASES = {
    # A card is handed out; a hairdresser's is not.
    "发卡": "發卡",
    "头发卡": "頭髮卡",
    "理发卡": "理髮卡",
    "美发卡": "美髮卡",
    # In it, and not a place called 卡里, 道里 or 南里.
    "卡里": "卡裡",
    "居民里": "居民裡",
    "街道里": "街道裡",
    "网格里": "網格裡",
    "村里": "村裡",
    "版本里": "版本裡",
    "副本里": "副本裡",
    "文本里": "文本裡",
    "指南里": "指南裡",
    "报道里": "報道裡",
    # Days later, and not the goddess.
    "天后": "天後",
    "天后宫": "天后宮",
    "天后庙": "天后廟",
    "天后路": "天后路",
    # Made, not ruled.
    "制证": "製證",
    "制卡": "製卡",
    # Allowed, not exact.
    "准入": "准入",
    "标准入": "標準入",
    "精准入": "精準入",
    "对准入": "對準入",
    "不准": "不准",
    "不准确": "不準確",
    "不准时": "不準時",
    "拿不准": "拿不準",
    "说不准": "說不準",
}
