// "Add a passkey", with the module that Authwire serves.
import { signIn, supported } from "/auth/webauthn.js";

const WORDS = {
  cancelled: "No passkey was made. Try again.",
  missing: "No passkey was made: this device cannot hold one. Take your phone or a security key.",
  registered: "This device has a passkey of yours already.",
  unsupported: "This browser cannot make passkeys here.",
};
const button = document.querySelector("#add-passkey");
const said = document.querySelector("#passkey-said");

function say(words) {
  said.textContent = words;
  said.hidden = false;
}

if (supported()) button.disabled = false;
else say(WORDS.unsupported);

button.addEventListener("click", async () => {
  button.disabled = true;
  said.hidden = true;
  try {
    await signIn({ action: "register", callbackUrl: "/me" });
  } catch (error) {
    say(WORDS[error.code] ?? "That did not work. Reload the page and try again.");
    button.disabled = false;
  }
});
