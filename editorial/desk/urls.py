"""Addresses of the desk, below /desk/."""

from django.urls import path

from .urls_team import urlpatterns as team_urlpatterns
from .views import (
    corrections,
    faces,
    imports,
    issue_moves,
    issues,
    item_moves,
    items,
    links,
    turn,
)

app_name = "desk"

_issue = "issues/<slug:slug>/"
_item = "items/<int:pk>/"

urlpatterns = [
    path("", turn.my_turn, name="my_turn"),
    path("more/", turn.more, name="more"),
    path("language/", turn.choose_language, name="language"),
    path("review/", item_moves.review, name="review"),
    path("backlog/", item_moves.backlog, name="backlog"),
    path("import/", imports.import_issue, name="import"),
    path("links/", links.report, name="links"),
    path("links.csv", links.export, name="links_csv"),
    path("links/<int:pk>/copy/", links.copy, name="link_copy"),
    # an item
    path("items/new/", items.create, name="item_create"),
    path("items/autosave/", items.autosave, name="item_create_autosave"),
    path("items/source/", items.source, name="source"),
    path("items/preview/", items.preview, name="text_preview"),
    path(_item, items.item, name="item"),
    path(f"{_item}edit/", items.edit, name="item_edit"),
    path(f"{_item}autosave/", items.autosave, name="item_autosave"),
    path(f"{_item}history/", items.history, name="item_history"),
    path(f"{_item}submit/", item_moves.submit, name="item_submit"),
    path(f"{_item}take-back/", item_moves.take_back, name="item_take_back"),
    path(f"{_item}approve/", item_moves.approve, name="item_approve"),
    path(f"{_item}request-changes/", item_moves.request_changes, name="item_changes"),
    path(f"{_item}reject/", item_moves.reject, name="item_reject"),
    path(f"{_item}reopen/", item_moves.reopen, name="item_reopen"),
    path(f"{_item}comment/", item_moves.comment, name="item_comment"),
    path(f"{_item}check/", item_moves.check_again, name="item_check"),
    path(f"{_item}links/<int:link>/opened/", links.opened, name="link_opened"),
    path(f"{_item}links/<int:link>/moved/", links.moved, name="link_moved"),
    path(f"{_item}move/", item_moves.move, name="item_move"),
    path(f"{_item}place/", item_moves.place, name="item_place"),
    path(f"{_item}delete/", item_moves.delete, name="item_delete"),
    # an issue
    path("issues/", issues.issues, name="issues"),
    path("issues/new/", issues.create, name="issue_create"),
    path(_issue, issues.issue, name="issue"),
    path(f"{_issue}edit/", issues.edit, name="issue_edit"),
    path(f"{_issue}credits/", issues.credits, name="issue_credits"),
    path(f"{_issue}lead-editor/", issues.lead_editor, name="issue_lead_editor"),
    path(f"{_issue}sections/", issues.add_section, name="issue_add_section"),
    path(f"{_issue}order/", issues.order_sections, name="issue_order_sections"),
    path(
        f"{_issue}sections/<int:pk>/remove/",
        issues.remove_section,
        name="issue_remove_section",
    ),
    path(f"{_issue}history/", issues.history, name="issue_history"),
    path(f"{_issue}group-text/", issues.group_text, name="issue_group_text"),
    path(f"{_issue}submit/", issue_moves.submit, name="issue_submit"),
    path(f"{_issue}close/", issue_moves.close, name="issue_close"),
    path(f"{_issue}deadline/", issue_moves.extend, name="issue_extend"),
    path(f"{_issue}reopen/", issue_moves.reopen, name="issue_reopen"),
    path(f"{_issue}approve/", issue_moves.approve, name="issue_approve"),
    path(f"{_issue}unapprove/", issue_moves.unapprove, name="issue_unapprove"),
    path(f"{_issue}schedule/", issue_moves.schedule, name="issue_schedule"),
    path(f"{_issue}unschedule/", issue_moves.unschedule, name="issue_unschedule"),
    path(f"{_issue}publish/", issue_moves.publish, name="issue_publish"),
    path(f"{_issue}withdraw/", issue_moves.withdraw, name="issue_withdraw"),
    path(f"{_issue}restore/", issue_moves.restore, name="issue_restore"),
    path(f"{_issue}correct/", corrections.choose, name="issue_correct"),
    path(f"{_issue}correct/texts/", corrections.correct, name="issue_correct_texts"),
    path(f"{_issue}correct/<int:pk>/", corrections.correct, name="issue_correct_item"),
    path(f"{_issue}links/", issue_moves.links_of, name="issue_links"),
    path(f"{_issue}check-links/", issue_moves.check_links, name="issue_check_links"),
    path(f"{_issue}preview/", faces.preview, name="issue_preview"),
    path(f"{_issue}faces/<str:name>/", faces.face, name="issue_face"),
    *team_urlpatterns,
]
