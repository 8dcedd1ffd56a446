// Answers a prompt ("Not now", "I already support you") without leaving the page: aside.prompt with a form.answers goes,
// and a word in its place takes the focus. Without this the form leads back to the same page, where it is gone as well.

for (const form of document.querySelectorAll(".prompt form.answers")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    // It stands while the reader leaves; what comes of it changes nothing here.
    fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, button)),
      headers: { Accept: "application/json" },
      keepalive: true,
    }).catch(() => {});
    leave(form.closest(".prompt"), button.value);
  });
}

function leave(prompt, answer) {
  const words = document.createElement("p");
  words.className = "prompt-said";
  words.setAttribute("role", "status");
  words.tabIndex = -1;
  words.textContent = answer === "mine" ? prompt.dataset.saidMine : prompt.dataset.saidNo;
  prompt.replaceWith(words);
  words.focus();
}
