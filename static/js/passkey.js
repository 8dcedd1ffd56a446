/* A form with data-passkey="create" or "get": its button has the browser make or show a passkey, and the form then
   carries the answer. What is asked stands in the page as JSON, bytes as base64url. Without this module, or in a browser
   that knows no passkeys, the element [data-passkey-none] says so. */

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const readKeys = (keys) => keys?.map((key) => ({ ...key, id: toBytes(key.id) }));

const readOptions = ({ publicKey }) => ({
  publicKey: {
    ...publicKey,
    challenge: toBytes(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: toBytes(publicKey.user.id) } }),
    excludeCredentials: readKeys(publicKey.excludeCredentials),
    allowCredentials: readKeys(publicKey.allowCredentials),
  },
});

const BYTES = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

const written = (credential) => ({
  type: credential.type,
  id: credential.id,
  rawId: toText(credential.rawId),
  response: Object.fromEntries(
    BYTES.filter((name) => credential.response[name]).map((name) => [name, toText(credential.response[name])]),
  ),
  clientExtensionResults: credential.getClientExtensionResults(),
});

const start = (form) => {
  const asked = readOptions(JSON.parse(document.getElementById("passkey-asked").textContent));
  const refused = form.querySelector("[data-passkey-refused]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    refused.hidden = true;
    try {
      const credential = await navigator.credentials[form.dataset.passkey](asked);
      form.elements.credential.value = JSON.stringify(written(credential));
      form.submit();
    } catch {
      refused.hidden = false;
    }
  });
};

if (window.PublicKeyCredential && navigator.credentials) {
  for (const none of document.querySelectorAll("[data-passkey-none]")) none.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.querySelector("button").disabled = false;
    start(form);
  }
}
