// Names for controls that Django's admin shows without one: date and time, lines of tables, autocompletes, the search.

const words = (element) => element?.textContent.replace(/[:?]?\s*$/, "").trim() ?? ""

function nameOf(control) {
  const cell = control.closest(".tabular td")
  const part = words(control.previousSibling ?? control.parentElement)
  if (control.matches(".vDateField, .vTimeField")) return [words(heading(control)), part].filter(Boolean).join(", ")
  return cell ? words(heading(control)) : words(control.labels?.[0])
}

function heading(control) {
  const cell = control.closest(".tabular td")
  if (!cell) return control.closest("fieldset:has(> legend), .fieldBox, .form-row")?.querySelector("legend, label")
  const name = [...cell.classList].find((known) => known.startsWith("field-"))
  const column = name ? `th.column-${name.slice("field-".length)}` : "th:last-child"
  return cell.closest("table").querySelector(`thead ${column}`)
}

function label(root) {
  for (const control of root.querySelectorAll(":is(input, select, textarea):not([type=hidden], [aria-label])")) {
    if (!control.matches(".tabular td *, .vDateField, .vTimeField")) continue
    const name = nameOf(control)
    if (name) control.setAttribute("aria-label", name)
  }
  for (const box of root.querySelectorAll(".select2-container :is([role=combobox], [role=textbox]):not([aria-label])")) {
    const select = box.closest(".select2-container").previousElementSibling
    const name = select && (select.getAttribute("aria-label") || nameOf(select))
    if (name) box.setAttribute("aria-label", name)
  }
}

function start() {
  const search = document.getElementById("searchbar")
  search?.setAttribute("aria-label", search.form.querySelector("input[type=submit]")?.value ?? "")
  label(document)
  document.addEventListener("formset:added", (event) => setTimeout(() => label(event.target)))
}

// Autocompletes are made when the page is ready; they are named after that.
if (document.readyState === "complete") start()
else addEventListener("load", start)
