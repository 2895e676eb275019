"use strict";

const NO_CODE = "This page needs the whole link of an invite. Please open the link again.";
const NO_ANSWER = "The service does not answer just now. Please try again.";

const element = (id) => document.getElementById(id);
const ask = element("ask");
let code = "";

// Remove the code from the address bar at once, so that it is not shared with the URL.
function readCode() {
  if (location.hash) {
    code = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
  ask.hidden = !code;
  element("joined").hidden = true;
  showProblem(code ? "" : NO_CODE);
  if (code) {
    element("name").focus();
  }
}

function showProblem(detail) {
  element("problem").textContent = detail;
  element("problem").hidden = !detail;
}

// Returns the credentials. Throws an Error with a message for the user.
async function redeem(name) {
  const response = await fetch(document.querySelector("main").dataset.redeem, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ code, name }),
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (!response?.ok || !answer) {
    throw new Error(answer?.errors?.[0]?.detail ?? answer?.detail ?? NO_ANSWER);
  }
  return answer;
}

function showCredentials(credentials) {
  const { room, user, expires_at: expiresAt } = credentials;
  element("room").textContent = `Welcome to ${room.name || "the room"}`;
  element("role").textContent = user.role;
  element("expires").dateTime = expiresAt;
  element("expires").textContent = new Date(expiresAt).toLocaleString();
  element("credentials").textContent = JSON.stringify(credentials, null, 2);
  element("copied").textContent = "";
  ask.hidden = true;
  element("joined").hidden = false;
  element("room").focus();
}

ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = ask.querySelector("button");
  button.disabled = true;
  showProblem("");
  try {
    showCredentials(await redeem(element("name").value.trim()));
  } catch (problem) {
    showProblem(problem.message);
  } finally {
    button.disabled = false;
  }
});

element("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(element("credentials").textContent);
    element("copied").textContent = "Copied.";
  } catch {
    // Browsers refuse to copy without HTTPS or permission.
    getSelection().selectAllChildren(element("credentials"));
    element("copied").textContent = "Selected: copy it with your keyboard.";
  }
});

// Opening another invite link in the same tab changes the hash only.
addEventListener("hashchange", readCode);
readCode();
