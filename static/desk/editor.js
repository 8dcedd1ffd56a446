// The text of a story: turns each <textarea data-desk-editor> into an editor and keeps the textarea up to date.
import { Editor, Extension } from "django-prose-editor/editor"
import { element } from "desk/dialogs"
import { extensions } from "desk/nodes"
import { transformPasted } from "desk/paste"
import { serialise } from "desk/serialise"
import { link, toolbar, typeBelowMark } from "desk/toolbar"

const Keys = (desk) =>
  Extension.create({
    name: "keys",
    addKeyboardShortcuts() {
      return {
        "Mod-k": ({ editor }) => {
          link(editor, desk)
          return true
        },
      }
    },
  })

function edit(textarea) {
  const desk = JSON.parse(textarea.dataset.deskEditor)
  const frame = element("div", { className: "story-editor" })
  textarea.after(frame)
  const editor = new Editor({
    element: frame,
    desk,
    extensions: [...extensions(), Keys(desk)],
    content: textarea.value,
    // The policy of these pages lets no script write a <style>; editor.css holds the same rules.
    injectCSS: false,
    editorProps: {
      transformPastedHTML: transformPasted,
      handleTextInput: (view, from, to, text) => typeBelowMark(editor, text),
      attributes: { class: "story-text", role: "textbox", "aria-multiline": "true", "aria-label": desk.words.text },
    },
    onUpdate: () => {
      textarea.value = serialise(editor)
      textarea.dispatchEvent(new Event("input", { bubbles: true }))
    },
  })
  frame.prepend(toolbar(editor, desk))
  textarea.hidden = true
  textarea.labels.forEach((label) => label.addEventListener("click", () => editor.commands.focus()))
  textarea.dispatchEvent(new CustomEvent("desk:editor", { bubbles: true, detail: { editor, serialise } }))
}

document.querySelectorAll("textarea[data-desk-editor]").forEach(edit)
