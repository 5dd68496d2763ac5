"""The screens on which administrators keep accounts and posts."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.transaction import non_atomic_requests
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.users.forms import UserForm
from wagtail.users.views.bulk_actions import SetActiveStateBulkAction
from wagtail.users.views.users import CreateView, EditView, IndexView, UserFilterSet, UserViewSet

from staff import audit
from staff.models import Post, User
from staff.sign_in import second_factor


class StaffForm(UserForm):
    """An account: who it is and how to reach them. What they may do follows from their posts."""

    first_name = None
    last_name = None
    is_superuser = None
    email = forms.EmailField(label=_("电子邮件地址"), required=False)

    class Meta:
        model = User
        fields = ["username", "display_name", "email", "phone"]


class StaffCreationForm(StaffForm):
    pass


class StaffEditForm(StaffForm):
    """One's own password is changed on its own screen, which asks for the present one."""

    password_required = False
    password_enabled = True

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        self.password_enabled = not editing_self
        super().__init__(*args, **kwargs)
        if editing_self:
            del self.fields["is_active"]
        else:
            self.fields["is_active"].help_text = _(
                "取消勾选，这个人就不能再登录，在各处的登录也马上结束。离岗的人请停用，不要删除。"
            )

    class Meta(StaffForm.Meta):
        fields = [*StaffForm.Meta.fields, "is_active"]


class OwnDetailsForm(forms.ModelForm):
    """What members of staff change about themselves."""

    class Meta:
        model = get_user_model()
        fields = ["display_name", "email", "phone"]


class StaffIndexView(IndexView):
    """Accounts with their posts."""

    @property
    def columns(self) -> list[Any]:
        return [
            TitleColumn(
                "name",
                accessor=get_user_display_name,
                label=_("姓名"),
                sort_key="display_name",
                get_url=self.get_edit_url,
            ),
            Column("username", label=_("用户名"), sort_key="username"),
            Column("posts", label=_("岗位"), accessor=_posts_of),
            Column("phone", label=_("联系电话")),
            BooleanColumn("is_active", label=_("启用"), sort_key="is_active"),
            DateColumn("last_login", label=_("上次登录"), sort_key="last_login"),
        ]

    @property
    def search_fields(self) -> set[str]:
        return {"username", "display_name", "email", "phone"}

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().prefetch_related("posts__place")


def _posts_of(user: User) -> str:
    posts = [post.title for post in user.posts.all()]
    return "、".join(posts) or ("管理员" if user.is_superuser else "")


class StaffFilterSet(UserFilterSet):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.filters["group"]


# A password is hashed at length and compared with the last five: not while others wait for a lock.
@method_decorator(non_atomic_requests, name="dispatch")
class StaffCreateView(CreateView):
    pass


@method_decorator(non_atomic_requests, name="dispatch")
class StaffEditView(EditView):
    """An account, with what administrators do when a phone or a password got lost."""

    def save_instance(self) -> User:
        user = super().save_instance()
        if "password1" in self.form.changed_data:
            audit.record("change_password", user, by=self.request.user)
        if "is_active" in self.form.changed_data:
            audit.record("enable_user" if user.is_active else "disable_user", user, by=self.request.user)
        return user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            sign_ins=self.object.sign_ins.open().count(),
            has_second_factor=second_factor.device_of(self.object) is not None,
            editing_self=self.editing_self,
            **kwargs,
        )


class SetActive(SetActiveStateBulkAction):
    """Wagtail's own passes by the account's save, and with it the end of its sign-ins."""

    @classmethod
    def execute_action(cls, objects: Any, mark_as_active: bool = False, **kwargs: Any) -> tuple[int, int]:
        by = kwargs["user"]
        changed = [user for user in objects if user.is_active != mark_as_active and user.pk != by.pk]
        for user in changed:
            user.is_active = mark_as_active
            user.save(update_fields=["is_active"])
            audit.record("enable_user" if mark_as_active else "disable_user", user, by=by)
        return len(changed), 0


class StaffViewSet(UserViewSet):
    """Accounts of staff; replaces Wagtail's own screens."""

    menu_label = _("用户")
    menu_order = 110
    index_view_class = StaffIndexView
    add_view_class = StaffCreateView
    edit_view_class = StaffEditView
    filterset_class = StaffFilterSet
    template_prefix = "staff/users/"
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return StaffEditForm if for_update else StaffCreationForm


class PostCreateView(generic.CreateView):
    def save_instance(self) -> Post:
        post = super().save_instance()
        audit.record("give_post", post, by=self.request.user)
        return post


class PostEditView(generic.EditView):
    def save_instance(self) -> Post:
        post = super().save_instance()
        audit.record("change_post", post, by=self.request.user)
        return post


class PostDeleteView(generic.DeleteView):
    def delete_action(self) -> None:
        audit.record("take_post", self.object, by=self.request.user)
        super().delete_action()


class PostViewSet(ModelViewSet):
    """Who does what for which part of the site."""

    name = "posts"
    model = Post
    icon = "key"
    menu_label = _("岗位与权限")
    menu_name = "posts"
    menu_order = 100
    add_to_settings_menu = True
    add_view_class = PostCreateView
    edit_view_class = PostEditView
    delete_view_class = PostDeleteView
    list_display = [
        Column("user", label=_("人员"), sort_key="user__display_name"),
        Column("role", label=_("角色"), accessor="get_role_display", sort_key="role"),
        Column("place", label=_("负责范围"), sort_key="place__title"),
    ]
    list_filter = ["role"]
    search_fields = ["user__username", "user__display_name", "place__title"]
    copy_view_enabled = False
    add_to_reference_index = False
