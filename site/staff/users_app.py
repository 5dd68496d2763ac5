"""Wagtail's app of user accounts with this site's own screens."""

from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(WagtailUsersAppConfig):
    user_viewset = "staff.accounts.StaffViewSet"
