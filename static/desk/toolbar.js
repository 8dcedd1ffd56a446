// The row of buttons over the text. A button is a word; it says what it does and whether it is on.
import { ask, element } from "desk/dialogs"
import { chooseImage } from "desk/library"
import { mayLink } from "desk/nodes"

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

const heading = (level) => ({
  run: (editor) => editor.chain().focus().toggleHeading({ level }).run(),
  on: (editor) => editor.isActive("heading", { level }),
})
const mark = (name) => ({
  run: (editor) => editor.chain().focus().toggleMark(name).run(),
  on: (editor) => editor.isActive(name),
})
const inserted = (content) => ({ run: (editor) => insert(editor, content) })

const GROUPS = [
  { heading2: heading(2), heading3: heading(3), heading4: heading(4) },
  {
    bold: mark("bold"),
    italic: mark("italic"),
    link: { run: link, on: (editor) => editor.isActive("link") },
    language: { run: language, on: (editor) => editor.isActive("language") },
  },
  {
    bulletList: { run: (e) => e.chain().focus().toggleBulletList().run(), on: (e) => e.isActive("bulletList") },
    orderedList: { run: (e) => e.chain().focus().toggleOrderedList().run(), on: (e) => e.isActive("orderedList") },
    quote: { run: (e) => e.chain().focus().toggleBlockquote().run(), on: (e) => e.isActive("blockquote") },
    pullQuote: { run: pullQuote, on: (e) => e.isActive("pullQuote") },
    attribution: { run: attribution, can: (e) => e.isActive("blockquote") || e.isActive("pullQuote") },
  },
  {
    image: { run: image },
    credit: { ...mark("credit"), can: (e) => e.isActive("picture") },
    embed: { run: embed },
    table: { run: table, on: (e) => e.isActive("table") },
  },
  {
    ad: inserted({ type: "break", attrs: { mark: "ad" } }),
    wallButton: { run: wall },
    rule: inserted({ type: "break" }),
  },
  {
    undo: { run: (e) => e.chain().focus().undo().run(), can: (e) => e.can().undo() },
    redo: { run: (e) => e.chain().focus().redo().run(), can: (e) => e.can().redo() },
  },
]

export function toolbar(editor, desk) {
  const bar = element("div", { className: "toolbar", role: "toolbar", ariaLabel: desk.words.toolbar })
  const buttons = []
  for (const group of GROUPS) {
    const row = bar.appendChild(element("span", { className: "group" }))
    for (const [name, item] of Object.entries(group)) buttons.push([row.appendChild(button(name, item)), item])
  }
  function button(name, item) {
    const made = element("button", { type: "button", textContent: desk.words[name] })
    made.dataset.name = name
    made.addEventListener("click", () => {
      // At once: what is typed next must not wait for the next frame.
      editor.view.focus()
      item.run(editor, desk)
    })
    return made
  }
  const show = () => {
    for (const [made, { on, can }] of buttons) {
      if (on) made.ariaPressed = String(on(editor))
      if (can) made.disabled = !can(editor)
    }
  }
  editor.on("transaction", show)
  show()
  return bar
}

// Blocks of their own go below the block that the cursor is in, never into it.
function insert(editor, content) {
  editor.view.focus()
  const { $from } = editor.state.selection
  const empty = $from.depth === 1 && $from.parent.type.name === "paragraph" && $from.parent.content.size === 0
  const below = $from.depth ? $from.after(1) : editor.state.selection.to
  if (content.type === "break") return insertMark(editor, content, empty ? $from.before(1) : below)
  const place = empty ? { from: $from.before(1), to: $from.after(1) } : below
  const chain = editor.chain().focus().insertContentAt(place, content)
  return chain.setTextSelection((place.from ?? place) + lead(content)).run()
}

// What is typed next stands below the mark: a mark that stayed selected would be typed over.
function insertMark(editor, content, place) {
  const next = editor.state.doc.nodeAt(place)
  return goOn(editor.chain().focus().insertContentAt(place, content), place + 1, next).scrollIntoView().run()
}

// The cursor into the paragraph at a place between blocks; one is made where `next`, the block there, is none.
function goOn(chain, place, next) {
  if (next?.type.name !== "paragraph") chain.insertContentAt(place, { type: "paragraph" })
  return chain.setTextSelection(place + 1)
}

// Letters never take the place of a mark that was clicked on: they go below it. True where they did.
export function typeBelowMark(editor, text) {
  const { doc, selection } = editor.state
  if (selection.node?.type.name !== "break") return false
  return goOn(editor.chain(), selection.to, doc.nodeAt(selection.to)).insertContent({ type: "text", text }).run()
}

// How far behind its start a block has its first words.
function lead({ content }) {
  const [first] = content ?? []
  return first && first.type !== "text" ? 1 + lead(first) : 1
}

// A story has one wall: where it is set anew, it leaves its old place.
function wall(editor) {
  const { doc, tr } = editor.state
  doc.forEach((node, at) => {
    if (node.attrs.mark === "wall") tr.delete(tr.mapping.map(at), tr.mapping.map(at + node.nodeSize))
  })
  if (tr.docChanged) editor.view.dispatch(tr)
  insert(editor, { type: "break", attrs: { mark: "wall" } })
}

function pullQuote(editor) {
  const { from, to, empty } = editor.state.selection
  const words = empty ? "" : editor.state.doc.textBetween(from, to, " ")
  const paragraph = words ? { type: "paragraph", content: [{ type: "text", text: words }] } : { type: "paragraph" }
  insert(editor, { type: "pullQuote", content: [paragraph, { type: "attribution" }] })
}

function attribution(editor) {
  const { $from } = editor.state.selection
  for (let depth = $from.depth; depth > 0; depth--) {
    const node = $from.node(depth)
    if (!["blockquote", "pullQuote"].includes(node.type.name)) continue
    const end = $from.end(depth)
    if (node.lastChild.type.name === "attribution") return editor.chain().focus(end - 1).run()
    return editor.chain().insertContentAt(end, { type: "attribution" }).focus(end + 1).run()
  }
}

export async function link(editor, { words }) {
  const held = editor.getAttributes("link").href ?? ""
  const answer = await ask({
    title: words.linkTitle, words, submit: words.apply, actions: held ? { [words.remove]: {} } : {},
    fields: { href: { label: words.address, value: held, check: mayLink, refusal: words.linkRefused } },
  })
  if (!answer) return
  const chain = editor.chain().focus().extendMarkRange("link")
  if (!answer.href) chain.unsetLink().run()
  else if (editor.state.selection.empty && !held) chain.insertContent(text(answer.href)).run()
  else chain.setLink({ href: answer.href }).run()
}

const text = (href) => ({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] })

async function language(editor, { words }) {
  const held = editor.getAttributes("language").lang ?? ""
  const answer = await ask({
    title: words.languageTitle, words, submit: words.apply, actions: held ? { [words.remove]: {} } : {},
    fields: {
      lang: { label: words.languageCode, value: held, check: (v) => LANGUAGE.test(v), refusal: words.languageRefused },
    },
  })
  if (!answer) return
  const chain = editor.chain().focus().extendMarkRange("language")
  if (answer.lang) chain.setMark("language", answer).run()
  else chain.unsetMark("language").run()
}

async function image(editor, desk) {
  const chosen = await chooseImage(desk)
  if (!chosen) return
  const { id, alt, caption, credit } = chosen
  const content = caption ? [{ type: "text", text: caption }] : []
  // The space is where a caption is typed that is not part of the credit.
  if (credit) content.push({ type: "text", text: " " }, { type: "text", text: credit, marks: [{ type: "credit" }] })
  insert(editor, { type: "picture", attrs: { of: String(id), alt: alt || null }, content })
}

async function embed(editor, { words, providers }) {
  const answer = await ask({
    title: words.embedTitle, words, submit: words.insert,
    fields: {
      address: {
        label: words.address, type: "url", refusal: words.embedRefused, check: (v) => known(v, providers),
      },
    },
  })
  if (answer) insert(editor, { type: "embed", attrs: { of: new URL(answer.address).href } })
}

// The same rule as articles.body.embed_provider, which has the last word.
export function known(address, providers) {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, port } = new URL(address)
  return (
    protocol === "https:" && !username && !port &&
    providers.some((host) => hostname === host || hostname.endsWith(`.${host}`))
  )
}

async function table(editor, { words }) {
  if (editor.isActive("table")) return changeTable(editor, words)
  const size = (label, value) => ({
    label, value, type: "number", min: 1, max: 50, check: (v) => v >= 1 && v <= 50, refusal: `${label}: 1–50`,
  })
  const answer = await ask({
    title: words.tableTitle, words, submit: words.insert,
    fields: { rows: size(words.rows, 3), cols: size(words.columns, 3), caption: { label: words.tableCaption } },
  })
  if (!answer) return
  const row = (type) => ({
    type: "tableRow",
    content: Array.from({ length: Number(answer.cols) }, () => ({ type, content: [{ type: "paragraph" }] })),
  })
  const body = Array.from({ length: Number(answer.rows) - 1 }, () => row("tableCell"))
  insert(editor, { type: "table", attrs: { caption: answer.caption }, content: [row("tableHeader"), ...body] })
}

const STEPS = {
  rowAfter: "addRowAfter", rowDelete: "deleteRow", columnAfter: "addColumnAfter", columnDelete: "deleteColumn",
  headerRow: "toggleHeaderRow", tableDelete: "deleteTable",
}

async function changeTable(editor, words) {
  const { caption } = editor.getAttributes("table")
  const answer = await ask({
    title: words.tableTitle, words, submit: words.apply,
    fields: { caption: { label: words.tableCaption, value: caption } },
    actions: Object.fromEntries(Object.entries(STEPS).map(([name, step]) => [words[name], { step }])),
  })
  if (answer?.step) editor.chain().focus()[answer.step]().run()
  else if (answer) editor.chain().focus().updateAttributes("table", answer).run()
}
