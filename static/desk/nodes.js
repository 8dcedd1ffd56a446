// The nodes and marks of a story's text. Each reads and writes exactly what articles/body.py knows.
import {
  Blockquote, Bold, BulletList, Code, Document, Dropcursor, Extension, Gapcursor, HardBreak, Heading, History, Italic,
  Link, ListItem, Mark, Node, OrderedList, Paragraph, Strike, Subscript, Superscript, Table, TableCell, TableHeader,
  TableRow, Text, Underline, mergeAttributes,
} from "django-prose-editor/editor"
import { element } from "desk/dialogs"

const LINK = /^(https?:\/\/|mailto:|tel:|\/(?![/\\])|#)/i
export const mayLink = (address) => LINK.test(address.trim())

// The editor asks for addresses itself: see toolbar.js.
const StoryLink = Link.extend({
  addKeyboardShortcuts() {
    return {}
  },
})

// The first line of "li" and "td" has its own <p> only where the text had one before; serialise.js takes it off.
const StoryParagraph = Paragraph.extend({
  addAttributes() {
    return {
      lang: { default: null, keepOnSplit: false },
      wrap: {
        default: null,
        parseHTML: (element) => (/^(LI|TD|TH)$/.test(element.parentElement?.tagName) ? "inner" : null),
        renderHTML: ({ wrap }) => (wrap ? { "data-wrap": wrap } : {}),
      },
    }
  },
})

const LINES = "(paragraph | bulletList | orderedList)"
const StoryListItem = ListItem.extend({ content: `paragraph ${LINES}*` })
const StoryCell = TableCell.extend({ content: `${LINES}+` })
const StoryHeaderCell = TableHeader.extend({
  content: `${LINES}+`,
  addAttributes() {
    return { ...this.parent?.(), scope: { default: null } }
  },
})

// Rows of heads come first and make the <thead>; a row remembers that it stood in the <tfoot>.
const StoryRow = TableRow.extend({
  addAttributes() {
    return {
      foot: {
        default: false,
        parseHTML: (element) => element.parentElement?.tagName === "TFOOT",
        renderHTML: ({ foot }) => (foot ? { "data-foot": "" } : {}),
      },
    }
  },
})

const StoryTable = Table.extend({
  addAttributes() {
    return {
      caption: {
        default: "",
        parseHTML: (element) => element.querySelector(":scope > caption")?.textContent.trim() ?? "",
        renderHTML: () => ({}),
      },
    }
  },
  parseHTML() {
    return [{ tag: "table" }, { tag: "caption", ignore: true }]
  },
  renderHTML({ node }) {
    const caption = node.attrs.caption
    return caption ? ["table", ["caption", caption], ["tbody", 0]] : ["table", ["tbody", 0]]
  },
  // The plain element will do: columns are as wide as their words.
  addNodeView() {
    return null
  },
})

const Quote = Blockquote.extend({ content: "(paragraph | bulletList | orderedList | heading)+ attribution?" })

const PullQuote = Node.create({
  name: "pullQuote",
  group: "block",
  content: "paragraph+ attribution?",
  defining: true,
  parseHTML() {
    return [{ tag: 'blockquote[data-kind="pull"]', priority: 60 }]
  },
  renderHTML() {
    return ["blockquote", { "data-kind": "pull" }, 0]
  },
})

const Attribution = Node.create({
  name: "attribution",
  content: "inline*",
  isolating: true,
  parseHTML() {
    return [{ tag: "blockquote > cite", priority: 60 }]
  },
  renderHTML() {
    return ["cite", 0]
  },
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement("cite")
      dom.dataset.placeholder = this.editor.options.desk.words.attribution
      return { dom, contentDOM: dom, ...emptiness(node, dom) }
    }
  },
})

const Cite = Mark.create({
  name: "cite",
  parseHTML() {
    return [{ tag: "cite" }]
  },
  renderHTML() {
    return ["cite", 0]
  },
})

const Language = Mark.create({
  name: "language",
  addAttributes() {
    return { lang: { default: null } }
  },
  parseHTML() {
    return [{ tag: "span[lang]" }]
  },
  renderHTML({ HTMLAttributes }) {
    return ["span", HTMLAttributes, 0]
  },
})

// Who made the picture of a figure, behind the words of its caption. Outermost: its links are its own.
const Credit = Mark.create({
  name: "credit",
  priority: 1001,
  parseHTML() {
    return [{ tag: "small" }]
  },
  renderHTML() {
    return ["small", 0]
  },
})

// The most letters of a figure's alternative text: see articles/body.py.
const ALT_LENGTH = 500

const caption = (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption")

// A figure is a caption that carries its picture or player: `show` draws the part that is not text.
const figure = (name, attribute, show, { attributes = {}, field } = {}) =>
  Node.create({
    name,
    group: "block",
    content: "inline*",
    isolating: true,
    draggable: true,
    addAttributes() {
      return {
        of: {
          default: null,
          parseHTML: (element) => element.getAttribute(attribute),
          renderHTML: ({ of }) => ({ [attribute]: of }),
        },
        ...attributes,
      }
    },
    parseHTML() {
      return [{ tag: `figure[${attribute}]`, contentElement: caption }]
    },
    renderHTML({ HTMLAttributes }) {
      return ["figure", HTMLAttributes, ["figcaption", 0]]
    },
    addNodeView() {
      return ({ node, getPos, view }) => {
        const { desk } = this.editor.options
        const dom = document.createElement("figure")
        const shown = dom.appendChild(document.createElement("div"))
        shown.contentEditable = "false"
        shown.append(show(node.attrs.of, desk))
        const contentDOM = dom.appendChild(document.createElement("figcaption"))
        contentDOM.dataset.placeholder = desk.words.caption
        const seen = { dom, contentDOM, ...emptiness(node, contentDOM) }
        return field ? withField(seen, shown, field(node, { desk, getPos, view })) : seen
      }
    },
  })

// A figure whose part that is not text also holds an input, which is the browser's affair and not the editor's.
function withField(seen, shown, { input, line, show }) {
  shown.append(line)
  return {
    ...seen,
    update(next) {
      if (!seen.update(next)) return false
      show(next)
      return true
    },
    stopEvent: (event) => event.target === input,
    ignoreMutation: (mutation) => mutation.type !== "selection" && shown.contains(mutation.target),
  }
}

const picture = (id, desk) => {
  const image = document.createElement("img")
  image.src = desk.thumbnail.replace("/0/", `/${encodeURIComponent(id)}/`)
  image.alt = desk.words.imageAlt.replace("{id}", id)
  return image
}

const alt = {
  default: null,
  parseHTML: (element) => element.getAttribute("data-alt"),
  renderHTML: ({ alt }) => (alt === null ? {} : { "data-alt": alt }),
}

function altField(node, { desk, getPos, view }) {
  const input = element("input", { type: "text", maxLength: ALT_LENGTH, autocomplete: "off" })
  const line = element("label", { className: "alt" }, desk.words.alt, input)
  const show = ({ attrs }) => {
    if (input.value !== (attrs.alt ?? "")) input.value = attrs.alt ?? ""
  }
  input.addEventListener("input", () => {
    view.dispatch(view.state.tr.setNodeAttribute(getPos(), "alt", input.value || null))
  })
  // Enter would send the whole form.
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault())
  show(node)
  return { input, line, show }
}

const Picture = figure("picture", "data-image", picture, { attributes: { alt }, field: altField })

const Embed = figure("embed", "data-embed", (address, desk) => {
  const line = document.createElement("p")
  line.append(`${desk.words.embed}: ${address}`)
  return line
})

const Break = Node.create({
  name: "break",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes() {
    return {
      mark: {
        default: null,
        parseHTML: (element) => element.getAttribute("data-mark"),
        renderHTML: ({ mark }) => (mark ? { "data-mark": mark } : {}),
      },
    }
  },
  parseHTML() {
    return [{ tag: "hr" }]
  },
  renderHTML({ HTMLAttributes }) {
    return ["hr", mergeAttributes(HTMLAttributes)]
  },
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement("div")
      dom.className = "break"
      const { mark } = node.attrs
      if (mark) dom.dataset.mark = mark
      if (mark) dom.append(this.editor.options.desk.words[mark])
      return { dom }
    }
  },
})

// Enter at the end of a caption or a name goes on below; Backspace at its start takes hold of the whole.
const Leaving = Extension.create({
  name: "leaving",
  priority: 1000,
  addKeyboardShortcuts() {
    const inside = ({ $from, empty }) => empty && ["picture", "embed", "attribution"].includes($from.parent.type.name)
    return {
      Enter: ({ editor }) => {
        const { selection } = editor.state
        if (!inside(selection)) return false
        const below = selection.$from.after(1)
        return editor.chain().insertContentAt(below, { type: "paragraph" }).setTextSelection(below + 1).run()
      },
      Backspace: ({ editor }) => {
        const { selection } = editor.state
        if (!inside(selection) || selection.$from.parentOffset > 0) return false
        return editor.commands.setNodeSelection(selection.$from.before())
      },
    }
  },
})

function emptiness(node, dom) {
  const show = ({ content }) => dom.classList.toggle("empty", content.size === 0)
  show(node)
  return {
    update(next) {
      if (next.type !== node.type || next.attrs.of !== node.attrs.of) return false
      show(next)
      return true
    },
  }
}

// The order of the marks is the order in which they are nested, outermost first.
export const extensions = () => [
  Document, Text, StoryParagraph, History, Dropcursor, Gapcursor, HardBreak, Leaving,
  Heading.configure({ levels: [2, 3, 4] }),
  BulletList, OrderedList, StoryListItem,
  Quote, PullQuote, Attribution, Picture, Embed, Break,
  StoryTable, StoryRow, StoryHeaderCell, StoryCell,
  StoryLink.configure({ isAllowedUri: mayLink, enableTarget: false, autolink: false, linkOnPaste: true }),
  Credit, Language, Cite, Italic, Bold, Underline, Strike, Subscript, Superscript, Code.extend({ excludes: "" }),
]
