"""Addresses of what readers answer to a prompt. They lead on at once, and stand under the language of the page."""

from django.urls import path

from members.prompts import answers

urlpatterns = [
    path("prompts/<int:campaign>/join/", answers.join, name="prompt_join"),
    path("prompts/<int:campaign>/second/", answers.second, name="prompt_second"),
    path("prompts/<int:campaign>/answer/", answers.answer, name="prompt_answer"),
]
