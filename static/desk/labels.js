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

// The column over the names of a part's lines is named like the part; a column that holds nothing needs no head.
function nameColumns(root) {
  for (const head of root.querySelectorAll(".tabular th")) {
    if (words(head)) continue
    const name = words(head.closest("fieldset")?.querySelector(".inline-heading"))
    if (head.matches(".original") && name) head.append(hidden(name))
    else head.replaceWith(document.createElement("td"))
  }
}

function hidden(text) {
  const made = document.createElement("span")
  made.className = "visually-hidden"
  made.textContent = text
  return made
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
  nameColumns(document)
  label(document)
  document.addEventListener("formset:added", (event) => label(event.target))
  // Autocompletes are made when jQuery finds the time for it, which may be after the page has loaded.
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if ([...addedNodes].some((node) => node.matches?.(".select2-container"))) label(target)
    }
  }).observe(document.body, { childList: true, subtree: true })
}

start()
