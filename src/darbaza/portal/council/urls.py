"""Addresses under `council/`."""

from django.urls import path

from darbaza.portal.council.holds import views as holds
from darbaza.portal.council.regulation import views as regulation
from darbaza.portal.council.sittings import views as sittings
from darbaza.portal.council.views import decisions, orders, publishing, substitutes

app_name = "council"
urlpatterns = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/new", orders.new_order, name="new-order"),
    path("orders/<int:pk>/", orders.order_page, name="order"),
    path("orders/drafts/<int:pk>/", orders.draft_page, name="draft"),
    path("orders/drafts/<int:pk>/edit", orders.edit_draft, name="edit-draft"),
    path("orders/drafts/<int:pk>/sign", orders.sign_draft, name="sign-draft"),
    path("orders/drafts/<int:pk>/discard", orders.discard_draft, name="discard-draft"),
    path("orders/substitute", substitutes.substitute, name="substitute"),
    path("emergencies/", substitutes.emergency_list, name="emergencies"),
    path("emergencies/new", substitutes.new_emergency, name="new-emergency"),
    path("emergencies/<int:pk>/end", substitutes.end_emergency, name="end-emergency"),
    path("emergencies/<int:pk>/ratify", orders.draft_ratification, name="ratify-emergency"),
    path("orders/ref/<str:ref>", orders.order_by_ref, name="order-by-ref"),
    path("regulation/", regulation.versions, name="regulations"),
    path("regulation/new", regulation.new_version, name="new-regulation"),
    path("regulation/ref/<path:ref>", regulation.by_ref, name="regulation-by-ref"),
    path("regulation/<int:pk>/", regulation.version_page, name="regulation"),
    path("regulation/<int:pk>/edit", regulation.edit, name="edit-regulation"),
    path("regulation/<int:pk>/differences", regulation.compare, name="compare-regulation"),
    path("regulation/<int:pk>/discard", regulation.discard, name="discard-regulation"),
    path("regulation/<int:pk>/order", regulation.draft_approval, name="draft-regulation-order"),
    path("regulation/<int:pk>/approve", regulation.record_approval, name="approve-regulation"),
    path("decisions/", decisions.decision_list, name="decisions"),
    path("decisions/new", decisions.new_decision, name="new-decision"),
    path("decisions/<int:pk>/", decisions.decision_page, name="decision"),
    path("holds/", holds.hold_list, name="holds"),
    path("holds/new", holds.new_hold, name="new-hold"),
    path("holds/<int:pk>/release", holds.release, name="release-hold"),
    path("proposals/", sittings.proposal_list, name="proposals"),
    path("proposals/new", sittings.new_proposal, name="new-proposal"),
    path("proposals/<int:pk>/draft", orders.draft_from_proposal, name="draft-from-proposal"),
    path("proposals/<int:pk>/", sittings.proposal_page, name="proposal"),
    path("sittings/", sittings.sitting_list, name="sittings"),
    path("sittings/new", sittings.call_sitting, name="call-sitting"),
    path("sittings/<int:pk>/", sittings.sitting_page, name="sitting"),
    path("sittings/<int:pk>/open", sittings.open_sitting, name="open-sitting"),
    path("sittings/<int:pk>/items/<int:item>", sittings.put_to_vote, name="put-to-vote"),
    path("sittings/<int:pk>/close", sittings.close_sitting, name="close-sitting"),
    path("publishing/", publishing.rules, name="publishing"),
    path("publishing/new", publishing.new_rules, name="new-publishing"),
    path("rules/", decisions.in_force, name="in-force"),
]
