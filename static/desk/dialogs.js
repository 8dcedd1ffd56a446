// Small questions in a <dialog>: each answers with a promise of the values, or of null where it was cancelled.

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

// ask({title, words, fields: {name: {label, value, type, check, refusal}}, submit, actions: {label: value}})
export function ask({ title, words, fields = {}, submit, actions = {} }) {
  return new Promise((resolve) => {
    const inputs = Object.entries(fields).map(([name, field]) => input(name, field))
    const refusal = element("p", { className: "refusal", role: "alert" })
    const others = Object.entries(actions).map(([label, value]) => button(label, () => finish(value)))
    const form = element(
      "form", { method: "dialog", noValidate: true },
      element("h2", { textContent: title }), ...inputs.map((made) => made.line), refusal,
      element("p", { className: "answers" },
        ...(submit ? [element("button", { type: "submit", textContent: submit })] : []),
        ...others, button(words.cancel, () => finish(null))),
    )
    const dialog = open(form, title, () => resolve(null))
    const finish = (value) => {
      resolve(value)
      dialog.close()
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      const wrong = inputs.find(({ field, control }) => field.check && !field.check(control.value.trim()))
      refusal.textContent = wrong ? wrong.field.refusal : ""
      if (wrong) wrong.control.focus()
      else finish(Object.fromEntries(inputs.map(({ control }) => [control.name, control.value.trim()])))
    })
  })
}

export function open(content, label, closed) {
  const dialog = element("dialog", { className: "desk-dialog" }, content)
  dialog.setAttribute("aria-label", label)
  dialog.addEventListener("close", () => {
    dialog.remove()
    closed()
  })
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

export function button(label, act) {
  const made = element("button", { type: "button", className: "second", textContent: label })
  made.addEventListener("click", act)
  return made
}

function input(name, field) {
  const { label, value = "", type = "text", min, max } = field
  const control = element("input", { name, type, value, autocomplete: "off" })
  if (min) Object.assign(control, { min, max })
  return { field, control, line: element("label", {}, label, control) }
}
