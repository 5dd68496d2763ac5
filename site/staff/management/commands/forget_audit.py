from typing import Any

from django.core.management.base import BaseCommand

from staff import retention


class Command(BaseCommand):
    help = "Remove audit entries older than AUDIT_KEPT_DAYS (never younger than 180 days)."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = retention.forget_audit()
        self.stdout.write(f"清理了 {removed} 条操作记录；保存期 {retention.kept_days()} 天。")
