// The library of images as a dialog: search by words or by number, choose one.
import { element, button, open } from "desk/dialogs"

// Milliseconds of quiet before the library is asked again.
const QUIET = 200

// A promise of {id, alt, caption, credit, thumbnail}, or of null.
export function chooseImage({ library, addImage, words }) {
  return new Promise((resolve) => {
    const search = element("input", { type: "search", autocomplete: "off" })
    const found = element("div", { className: "library" })
    const note = element("p", { className: "help", role: "status" })
    const add = element("a", { href: addImage, target: "_blank", textContent: words.imageAdd })
    const content = element(
      "div", {},
      element("h2", { textContent: words.imageTitle }),
      element("label", {}, `${words.search} · ${words.imageNumber}`, search), note, found,
      element("p", { className: "answers" }, button(words.cancel, () => dialog.close()), add),
    )
    const dialog = open(content, words.imageTitle, () => resolve(null))
    const choose = (image) => {
      resolve(image)
      dialog.close()
    }
    let timer
    search.addEventListener("input", () => {
      clearTimeout(timer)
      timer = setTimeout(show, QUIET)
    })
    async function show() {
      const query = search.value
      const images = await ask(library, query)
      if (query !== search.value) return
      note.textContent = images === null ? words.imageFailed : images.length ? "" : words.imageNone
      found.replaceChildren(...(images ?? []).map((image) => tile(image, words, choose)))
    }
    show()
  })
}

async function ask(library, query) {
  try {
    const answer = await fetch(`${library}?q=${encodeURIComponent(query)}`)
    return answer.ok ? (await answer.json()).images : null
  } catch {
    return null
  }
}

function tile(image, words, choose) {
  const label = image.alt || image.caption || words.imageAlt.replace("{id}", image.id)
  const made = element(
    "button", { type: "button", className: "tile" },
    element("img", { src: image.thumbnail, alt: "", loading: "lazy" }),
    element("span", { textContent: label }),
    element("small", { textContent: [image.id, image.credit].filter(Boolean).join(" · ") }),
  )
  made.addEventListener("click", () => choose(image))
  return made
}
