// The editor's document as the HTML that articles/body.py calls canonical: one top-level element a line.

export function serialise(editor) {
  const { body } = new DOMParser().parseFromString(editor.getHTML(), "text/html")
  body.querySelectorAll("p").forEach(unwrap)
  // prose-editor notes the kind of numbers; a story's lists have one kind.
  body.querySelectorAll("ol").forEach((list) => ["type", "data-type"].forEach((name) => list.removeAttribute(name)))
  body.querySelectorAll("table").forEach(divide)
  body.querySelectorAll("figcaption, blockquote > cite").forEach((part) => part.textContent.trim() || part.remove())
  return [...body.children].filter(speaks).map((block) => block.outerHTML).join("\n")
}

const speaks = (block) => block.textContent.trim() || block.matches("hr, figure")

// "<li><p>Words</p></li>" is what an editor needs; "<li>Words</li>" is what the text said.
function unwrap(paragraph) {
  const { parentElement: parent } = paragraph
  const kept = paragraph.dataset.wrap
  paragraph.removeAttribute("data-wrap")
  if (kept || !parent.matches("li, td, th") || paragraph.lang) return
  const alone = [...parent.children].filter((child) => child.tagName === "P").length === 1
  if (alone && parent.firstElementChild === paragraph) paragraph.replaceWith(...paragraph.childNodes)
}

// Rows of heads at the top are the table's head; what came from its foot goes back there.
function divide(table) {
  const rows = [...table.rows]
  const heads = rows.findIndex((row) => [...row.cells].some((cell) => cell.tagName !== "TH"))
  const parts = { thead: rows.slice(0, heads < 0 ? rows.length : heads), tbody: [], tfoot: [] }
  for (const row of rows.slice(parts.thead.length)) parts["foot" in row.dataset ? "tfoot" : "tbody"].push(row)
  table.tBodies[0].remove()
  for (const [name, held] of Object.entries(parts)) {
    if (held.length) table.appendChild(document.createElement(name)).append(...held)
  }
  for (const row of rows) row.removeAttribute("data-foot")
}
