// The lead image: a button that opens the library beside the field for its number.
import { button } from "desk/dialogs"
import { chooseImage } from "desk/library"

function offer(field) {
  const desk = JSON.parse(field.dataset.deskImage)
  const frame = field.parentElement
  const show = () => {
    frame.querySelector("img")?.remove()
    if (!/^\d+$/.test(field.value)) return
    const image = document.createElement("img")
    image.className = "thumbnail"
    image.src = desk.thumbnail.replace("/0/", `/${field.value}/`)
    image.alt = desk.words.imageAlt.replace("{id}", field.value)
    frame.append(image)
  }
  const choose = async () => {
    const chosen = await chooseImage(desk)
    if (!chosen) return
    field.value = chosen.id
    show()
  }
  field.addEventListener("change", show)
  field.after(button(desk.words.imageTitle, choose))
}

document.querySelectorAll("input[data-desk-image]").forEach(offer)
