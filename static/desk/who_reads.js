// Who would read the story, told anew while its form is changed. Without this the words are those of the last save.

const PAUSE = 500

function follow(place) {
  const form = place.closest("form")
  if (!form?.querySelector("[name=_save]")) return
  let asked, waiting

  async function redraw() {
    asked?.abort()
    asked = new AbortController()
    const sent = new FormData(form)
    sent.set("pk", place.dataset.story)
    try {
      const answer = await fetch(place.dataset.whoReads, { method: "POST", body: sent, signal: asked.signal })
      if (answer.ok) place.innerHTML = (await answer.json()).html
    } catch (error) {
      if (error.name !== "AbortError") throw error
    }
  }

  const soon = () => {
    clearTimeout(waiting)
    waiting = setTimeout(redraw, PAUSE)
  }
  for (const kind of ["input", "change"]) form.addEventListener(kind, soon)
  if (!place.dataset.story) redraw()
}

document.querySelectorAll("[data-who-reads]").forEach(follow)
