"use strict";

const NO_CODE = "This page needs the whole link of an invite. Please open the link again.";
const NO_ANSWER = "The service does not answer just now. Please try again.";

const element = (id) => document.getElementById(id);
const ask = element("ask");
let code = "";

// The code leaves the address bar at once, so that it is not shared along with the address.
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

// Returns the credentials, or throws an Error that says why there are none.
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
    // Without HTTPS, or without permission, browsers leave copying to the user.
    getSelection().selectAllChildren(element("credentials"));
    element("copied").textContent = "Selected: copy it with your keyboard.";
  }
});

// Another invite's link opened in the same tab changes nothing but the hash.
addEventListener("hashchange", readCode);
readCode();
