// Tells the newsroom's own server which advertisements and prompts were really seen: [data-seen] elements, an
// advertisement once half of it has been in view for a second, a prompt once two fifths have. One small beacon when the
// page is left; it names the inserts and nobody.

const SHARE = { ad: 0.5, prompt: 0.4 };
const WAIT = { ad: 1000, prompt: 0 };

const seen = new Set();
const told = new Set();
const waiting = new Map();

const kind = (element) => element.dataset.seen.split(":", 1)[0];

function look(entries) {
  for (const { target, intersectionRatio } of entries) {
    const inView = intersectionRatio >= SHARE[kind(target)] && document.visibilityState === "visible";
    if (inView && !waiting.has(target)) {
      waiting.set(target, setTimeout(() => note(target), WAIT[kind(target)]));
    } else if (!inView) {
      clearTimeout(waiting.get(target));
      waiting.delete(target);
    }
  }
}

function note(target) {
  observer.unobserve(target);
  told.add(target);
  waiting.delete(target);
  seen.add(target.dataset.seen);
}

function tell() {
  if (document.visibilityState !== "hidden") return;
  for (const [target, timer] of waiting) {
    clearTimeout(timer);
    // Looked at anew once the page is shown again.
    if (!told.has(target)) {
      observer.unobserve(target);
      observer.observe(target);
    }
  }
  waiting.clear();
  if (!seen.size) return;
  navigator.sendBeacon("/seen/", [...seen].slice(0, 12).join("\n"));
  seen.clear();
}

const observer = new IntersectionObserver(look, { threshold: Object.values(SHARE) });
for (const element of document.querySelectorAll("[data-seen]")) observer.observe(element);
document.addEventListener("visibilitychange", tell);
