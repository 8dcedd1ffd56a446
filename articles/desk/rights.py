"""What each role may do with stories and with what stands around them: `{role: {"app.model": deeds}}`.

The roles are `members.models.User.Role` by value; `ROLE_RIGHTS` in the settings names this table. What a reporter may
add but not change is what others' stories use too.
"""

EVERYTHING = ("add", "change", "delete", "view")

DRAFTING = {
    "articles.article": ("add", "change", "view"),
    "articles.image": ("add", "view"),
    "articles.author": ("view",),
    "articles.section": ("view",),
    "tags.tag": ("add", "view"),
}
EDITING = {
    "articles.article": (*EVERYTHING, "publish"),
    "articles.image": EVERYTHING,
    "articles.author": EVERYTHING,
    "articles.section": EVERYTHING,
    "tags.tag": EVERYTHING,
    "ads.advertiser": EVERYTHING,
    "ads.campaign": EVERYTHING,
    "ads.creative": EVERYTHING,
    "ads.sellers": ("add", "change", "view"),
}
RIGHTS = {"reporter": DRAFTING, "editor": EDITING, "publisher": EDITING}
