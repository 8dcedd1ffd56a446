// A proof of work instead of a wait: find a number whose SHA-256, after the page's puzzle, begins with enough zero bits.
// Without this the page says how long to wait. The hash is our own, since WebCrypto's answers each one later and is
// missing where a site is tried without TLS.

const SLICE = 25; // milliseconds of work between two looks at the page

// The first 32 bits of the fractional parts of the cube roots (K) and square roots (START) of the first primes: FIPS 180-4.
const primes = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const words = new Int32Array(64);
const rotated = (word, by) => (word >>> by) | (word << (32 - by));

// The first 32 bits of the SHA-256 of an ASCII text of at most 55 letters: one block.
function firstBits(text) {
  words.fill(0, 0, 16);
  for (let n = 0; n < text.length; n += 1) words[n >> 2] |= text.charCodeAt(n) << (24 - 8 * (n & 3));
  words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  words[15] = text.length * 8;
  for (let n = 16; n < 64; n += 1) {
    const near = words[n - 15], far = words[n - 2];
    const s0 = rotated(near, 7) ^ rotated(near, 18) ^ (near >>> 3);
    const s1 = rotated(far, 17) ^ rotated(far, 19) ^ (far >>> 10);
    words[n] = (words[n - 16] + s0 + words[n - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let n = 0; n < 64; n += 1) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[n] + words[n]) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  return (a + START[0]) >>> 0;
}

// Calls progress(share of the work that is done on average) now and then; resolves to the number found.
async function solve(puzzle, bits, progress) {
  const below = 2 ** (32 - bits);
  for (let number = 0, until = performance.now() + SLICE; ; number += 1) {
    if (firstBits(`${puzzle}:${number}`) < below) return number;
    if (number % 256 === 0 && performance.now() > until) {
      progress(1 - Math.exp(-number / 2 ** bits));
      await new Promise((resume) => setTimeout(resume));
      until = performance.now() + SLICE;
    }
  }
}

for (const form of document.querySelectorAll("form[data-challenge]")) {
  const part = (name) => form.querySelector(`[data-${name}]`);
  part("wait").hidden = true;
  part("work").hidden = false;
  const bar = form.querySelector("progress");
  const solved = solve(form.dataset.challenge, Number(form.dataset.bits), (share) => { bar.value = share; });
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.challenge_answer.value) return;
    event.preventDefault();
    sent = true;
  });
  solved.then((number) => {
    form.elements.challenge_answer.value = number;
    part("work").hidden = true;
    part("done").hidden = false;
    const asks = form.querySelector("input:not([type=hidden])");
    if (sent || !asks) form.requestSubmit();
  });
}
