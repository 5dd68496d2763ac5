"""Staff accounts, what they may do where, and who did what."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PageChooserPanel
from wagtail.coreutils import get_content_type_label
from wagtail.models import Page

from staff import roles, telling
from staff.sign_in.models import GuessCount, PastPassword, RecoveryCode, SignIn, end_all, remember
from staff.workflow import ReviewTask

__all__ = [
    "ACTION_LABELS",
    "AuditChain",
    "AuditCheck",
    "AuditEntry",
    "GuessCount",
    "PastPassword",
    "Post",
    "RecoveryCode",
    "ReviewTask",
    "SignIn",
    "User",
]


class User(AbstractUser):
    """A member of staff. Residents have no accounts."""

    display_name = models.CharField(_("姓名"), max_length=60, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.display_name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Who is disabled is signed in nowhere, and is not again once enabled."""
        # Django tells validators of a new password, but not of the first one that create_user gives.
        is_untold = (
            self._state.adding
            and getattr(self, "_password", None) is None
            and is_password_usable(self.password or "!")
        )
        super().save(*args, **kwargs)
        if is_untold:
            remember(self)
        if not self.is_active:
            end_all(self)

    def get_full_name(self) -> str:
        return self.display_name or super().get_full_name() or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class Post(models.Model):
    """A person's role for one part of the site: who, as what, where. Rights follow from it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts", verbose_name=_("人员")
    )
    role = models.CharField(_("角色"), max_length=20, choices=roles.Role.choices)
    place = models.ForeignKey(
        Page,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("负责范围"),
        help_text=_("区、街道或社区。管理员和审计员不用选。"),
    )

    panels = [
        FieldPanel("user"),
        FieldPanel("role"),
        PageChooserPanel("place", ["home.HomePage", "home.StreetPage", "communities.CommunityPage"]),
    ]

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        ordering = ["user", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "place"],
                name="staff_post_once",
                violation_error_message=_("这个人已有同样的岗位。"),
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(place__isnull=True),
                name="staff_post_without_place_once",
                violation_error_message=_("这个人已有同样的岗位。"),
            ),
            models.CheckConstraint(
                condition=models.Q(place__isnull=False) | models.Q(role__in=roles.WITHOUT_PLACE),
                name="staff_post_has_place",
                violation_error_message=_("请选择“负责范围”。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.title}"

    @property
    def title(self) -> str:
        """Role and place, as in 街道编辑 · 江苏路街道."""
        return self.get_role_display() + (f" · {self.place.title}" if self.place else "")

    def clean(self) -> None:
        super().clean()
        if self.role in roles.WITHOUT_PLACE:
            self.place = None
        expected = roles.LEVELS.get(self.role)
        if expected and self.place and self.place.specific.level != expected:
            raise ValidationError(
                {"place": _("%(role)s的负责范围不是这一级，请重选。") % {"role": self.get_role_display()}}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self).objects.select_related("user").filter(pk=self.pk).first()
        super().save(*args, **kwargs)
        roles.apply_posts(self.user)
        if before is not None and before.user_id != self.user_id:
            roles.apply_posts(before.user)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        user = self.user
        deleted = super().delete(*args, **kwargs)
        roles.apply_posts(user)
        return deleted


class AppendOnly(TypeError):
    """The record of what was done is added to, and never changed."""


class EntryQuerySet(models.QuerySet):
    """Entries, to be read."""

    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("Audit entries are never changed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnly("Audit entries are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Audit entries are never deleted; old ones go with forget_audit.")


class AuditEntry(models.Model):
    """One thing that was done: by whom, to what, when. Written beside the change, never altered.

    The database refuses changes as well (``guard``). What names the person and the kind of thing is kept as
    text too, since accounts and kinds may go. Number and hashes are given by the commit (``chain``).
    """

    at = models.DateTimeField(_("时间"), default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("人员"),
    )
    person = models.CharField(_("人员编号"), max_length=64, blank=True, db_default="")
    by_name = models.CharField(_("姓名"), max_length=150, blank=True)
    action = models.CharField(_("操作"), max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(_("对象类型"), max_length=201, blank=True, db_default="")
    object_id = models.CharField(max_length=64, blank=True)
    label = models.CharField(_("对象"), max_length=300)
    detail = models.JSONField(_("详情"), default=dict, blank=True)
    sequence = models.PositiveBigIntegerField(_("序号"), unique=True, null=True, editable=False)
    previous_hash = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    hash = models.CharField(_("校验值"), max_length=64, blank=True, db_default="", editable=False)
    key_name = models.CharField(max_length=8, blank=True, db_default="", editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["by", "at"], name="staff_audit_by"),
            models.Index(fields=["action", "at"], name="staff_audit_action"),
            models.Index(fields=["content_type", "at"], name="staff_audit_kind"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.who} {self.action_label} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Audit entries are never changed.")
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Audit entries are never deleted; old ones go with forget_audit.")

    @property
    def action_label(self) -> str:
        return str(ACTION_LABELS.get(self.action, self.action))

    @property
    def kind_label(self) -> str:
        """The kind of object, by the name editors know."""
        return str(get_content_type_label(self.content_type)) if self.content_type_id else ""

    @property
    def who(self) -> str:
        return telling.who(self.by_name, self.action)

    @property
    def detail_text(self) -> str:
        return telling.tell(self.detail or {})


class AuditChain(models.Model):
    """The two ends of the chain: its head, which grows, and the stump that removed entries left."""

    ONLY = 1

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    key_name = models.CharField(max_length=8, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    removed_number = models.PositiveBigIntegerField(default=0)
    removed_hash = models.CharField(max_length=64, blank=True)
    removed_key_name = models.CharField(max_length=8, blank=True)
    removed_seal = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="staff_audit_one_chain")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class AuditCheck(models.Model):
    """When the chain was last verified, and how far it was whole."""

    at = models.DateTimeField(_("时间"), default=timezone.now)
    number = models.PositiveBigIntegerField(_("序号"))
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name = _("操作记录核验")
        verbose_name_plural = _("操作记录核验")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.number} {self.problem}".rstrip()


ACTION_LABELS = {
    "publish": _("发布"),
    "take_back": _("撤回"),
    "publish_edition": _("发布版本"),
    "take_back_edition": _("撤回版本"),
    "schedule_failed": _("定时发布失败"),
    "create_bundle": _("新建一批"),
    "change_bundle": _("修改一批"),
    "delete_bundle": _("删除一批"),
    "submit_bundle": _("整批送审"),
    "withdraw_bundle": _("撤回整批送审"),
    "approve_bundle": _("通过整批审核"),
    "send_back_bundle": _("退回整批"),
    "schedule_bundle": _("整批定时"),
    "unschedule_bundle": _("取消整批定时"),
    "publish_bundle": _("整批发布"),
    "take_back_bundle": _("撤回整批"),
    "pause_office": _("暂停办理"),
    "resume_office": _("恢复办理"),
    "show_banner": _("横幅开始显示"),
    "hide_banner": _("横幅结束显示"),
    "import": _("导入"),
    "load_demo": _("载入演示内容"),
    "undo_import": _("撤销导入"),
    "give_post": _("安排岗位"),
    "change_post": _("调整岗位"),
    "take_post": _("撤销岗位"),
    "create_token": _("新建访问令牌"),
    "make_preview_link": _("新建预览链接"),
    "revoke_token": _("停用访问令牌"),
    "create_webhook": _("新建变更推送"),
    "change_webhook": _("修改变更推送"),
    "stop_webhook": _("停用变更推送"),
    "resume_webhook": _("继续变更推送"),
    "rotate_webhook_secret": _("更换推送密钥"),
    "test_webhook": _("测试变更推送"),
    "resend_delivery": _("重新发送变更"),
    "delete_webhook": _("删除变更推送"),
    "add_synonym": _("加同义词"),
    "add_everyday_name": _("加俗称"),
    "delete_message": _("删除居民留言"),
    "handle_report": _("处理居民反映"),
    "override_finding": _("放行检查结果"),
    "withdraw_override": _("撤回放行"),
    "sign_in": _("登录"),
    "sign_in_failed": _("登录失败"),
    "locked_out": _("试得太多，暂停登录"),
    "sign_out": _("退出登录"),
    "end_sessions": _("结束登录"),
    "change_password": _("修改密码"),
    "set_second_factor": _("设置第二重验证"),
    "reset_second_factor": _("移除第二重验证"),
    "disable_user": _("停用账号"),
    "enable_user": _("启用账号"),
    "create_account": _("新建账号"),
    "change_account": _("修改账号"),
    "delete_account": _("删除账号"),
    "change_groups": _("调整用户组"),
    "create_group": _("新建用户组"),
    "change_group": _("修改用户组"),
    "delete_group": _("删除用户组"),
    "give_right": _("授予权限"),
    "take_right": _("收回权限"),
    "delete_image": _("删除图片"),
    "delete_document": _("删除文件"),
    "delete_page": _("删除页面"),
    "move_page": _("移动页面"),
    "change_look": _("修改外观"),
    "set_rule": _("调整检查规则"),
    "set_words": _("修改检查词表"),
    "restrict": _("限制访问"),
    "unrestrict": _("取消访问限制"),
    "export": _("导出"),
    "forget_audit": _("清理到期的操作记录"),
    "adopt_audit": _("补记入链"),
    "restore_backup": _("恢复备份"),
    "make_procedure": _("新建评定与准入程序"),
    "change_procedure": _("修改评定与准入程序"),
    "save_case": _("保存评定或准入"),
    "submit_case": _("提交评定或准入"),
    "approve_case": _("评定或准入：同意"),
    "reject_case": _("评定或准入：退回修改"),
    "refuse_case": _("评定或准入：不同意"),
    "withdraw_case": _("撤回评定或准入"),
    "attach_to_case": _("上传评定或准入的材料"),
    "draft_case_notice": _("重新起草公示"),
    "recheck_stars": _("复核星级"),
    "take_star": _("摘星"),
    "exit_case": _("准入事项退出"),
    "confirm_content": _("确认仍然有效"),
    "leave_out_link": _("不再检查链接"),
    "resume_link": _("恢复检查链接"),
}
