// What is pasted from Word, Google Docs or a page: their styles say in other words what <strong> and <em> say.
// Styles are set aside before anything is parsed: these pages' policy refuses them, loudly, and hides what they said.

export function transformPasted(html) {
  const plain = html
    .replace(/<style[\s\S]*?<\/style>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(\s)style\s*=/i, "$1data-style="))
  const { body } = new DOMParser().parseFromString(plain, "text/html")
  const styled = [...body.querySelectorAll("[data-style]")]
  const [sham, rest] = [styled.filter(isSham), styled.filter((element) => !isSham(element))]
  for (const element of sham) element.replaceWith(...element.childNodes)
  // Innermost first, so that what is moved is ready.
  for (const element of rest.reverse()) translate(element)
  return body.innerHTML
}

// Google Docs wraps all that it copies in a <b> that is not bold.
const isSham = (element) => element.matches("b, strong") && /font-weight\s*:\s*(normal|400)/i.test(element.dataset.style)

const MEANINGS = [
  [/font-weight\s*:\s*(bold|[6-9]00)/i, "strong", "b, strong, h1, h2, h3, h4, h5, h6, th"],
  [/font-style\s*:\s*italic/i, "em", "i, em"],
]

function translate(element) {
  const style = element.dataset.style
  element.removeAttribute("data-style")
  if (!element.matches("span, a, b, strong, i, em")) return
  for (const [said, name, known] of MEANINGS) {
    if (!said.test(style) || element.closest(known)) continue
    const meant = document.createElement(name)
    meant.append(...element.childNodes)
    element.append(meant)
  }
}
