"""Addresses for readers. They are printed in mails: none may ever change."""

from django.urls import path

from . import clicking, feeds, indexes, issues, preferences, robots, subscribing

app_name = "site"

urlpatterns = [
    path("", issues.home, name="home"),
    path("issues/", issues.archive, name="archive"),
    path("issues/<slug:slug>/", issues.issue, name="issue"),
    path("sections/", indexes.sections, name="sections"),
    path("sections/<slug:slug>/", indexes.section, name="section"),
    path("topics/", indexes.topics, name="topics"),
    path("topics/<slug:slug>/", indexes.topic, name="topic"),
    path("authors/", indexes.authors, name="authors"),
    path("authors/<slug:slug>/", indexes.author, name="author"),
    path("feed/atom.xml", feeds.atom, name="atom"),
    path("feed/rss.xml", feeds.rss, name="rss"),
    path("sitemap.xml", robots.sitemap, name="sitemap"),
    path("favicon.ico", robots.favicon, name="favicon"),
    path("robots.txt", robots.robots, name="robots"),
    path("subscribe/", subscribing.subscribe, name="subscribe"),
    path("subscribe/embedded/", subscribing.embedded, name="embedded"),
    path("subscribe/sent/", subscribing.sent, name="sent"),
    path("subscribe/deleted/", preferences.deleted, name="deleted"),
    path("confirm/<str:token>/", subscribing.confirm, name="confirm"),
    path("unsubscribe/<str:key>/", subscribing.unsubscribe, name="unsubscribe"),
    path("p/<str:key>/", preferences.preferences, name="preferences"),
    path("p/<str:key>/delete/", preferences.delete, name="delete"),
    path("move/<str:token>/", preferences.move, name="move"),
    path("data/<str:token>/", preferences.data, name="data"),
    path("u/<str:key>/", subscribing.one_click, name="one_click"),
    path("c/<str:token>/", clicking.click, name="click"),
]
