"use strict";
/* Dropping files, progress, corrections, choosing folders, sorting. Pages are rendered by the
   server; nothing here makes HTML of what a person or a file has named. */

const said = document.getElementById("said");
let saidTimer = 0;

function say(text, seconds = 6) {
  said.textContent = text;
  clearTimeout(saidTimer);
  if (seconds) saidTimer = setTimeout(() => { said.textContent = ""; }, seconds * 1000);
}

async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, headers: { Accept: "application/json" } });
  } catch {
    throw new Error("The page does not answer: bioselect app has ended. Start it again.");
  }
  const type = answer.headers.get("content-type") || "";
  const content = type.includes("json") ? await answer.json() : { error: await answer.text() };
  if (!answer.ok || content.error) throw new Error(content.error || `Status ${answer.status}.`);
  return content;
}

function post(address, fields) {
  return ask(address, { method: "POST", body: new URLSearchParams(fields) });
}

/* Forms: refusals are told where one is, without losing what was typed. */
for (const form of document.querySelectorAll("form[data-script]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return;
    const button = event.submitter;
    const address = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    if (button) button.disabled = true;
    try {
      const { go_to: next } = await post(address, new FormData(form));
      if (next === location.pathname) location.reload();
      else location.assign(next);
    } catch (error) {
      tellIn(form, error.message);
      if (button) button.disabled = false;
    }
  });
}

function tellIn(form, text) {
  let place = form.querySelector(".message.bad.told");
  if (!place) {
    place = document.createElement("div");
    place.className = "message bad told";
    place.setAttribute("role", "alert");
    place.append(document.createElement("p"));
    place.firstChild.className = "lines";
    form.append(place);
  }
  place.firstChild.textContent = text;
  place.scrollIntoView({ block: "nearest" });
}

/* Uploads: what the server would refuse for its size is not sent at all. */
const upload = document.getElementById("upload");
if (upload) {
  const input = upload.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    upload.addEventListener(name, (event) => { event.preventDefault(); upload.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    upload.addEventListener(name, () => upload.classList.remove("over"));
  }
  upload.addEventListener("drop", (event) => { event.preventDefault(); send(event.dataTransfer.files); });
  upload.addEventListener("submit", (event) => { event.preventDefault(); send(input.files); });
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());

  function send(files) {
    const limit = Number(upload.dataset.uploadBytes);
    const bytes = [...files].reduce((sum, file) => sum + file.size, 0);
    if (!files.length) return tellIn(upload, "Choose at least one image, or a zip with images in it.");
    if (files.length > Number(upload.dataset.files) || bytes > limit) {
      return tellIn(upload, `These are ${files.length} files of ${Math.round(bytes / 1e6)} MB. At most ${upload.dataset.files} files and ${Math.round(limit / 1e6)} MB can be sent at a time; choose the folder on this computer instead.`);
    }
    const data = new FormData();
    for (const file of files) data.append("files", file, file.name);
    const request = new XMLHttpRequest();
    const shown = document.getElementById("upload-progress");
    const button = upload.querySelector("button");
    const ended = (text) => { shown.hidden = true; button.disabled = false; tellIn(upload, text); };
    shown.hidden = false;
    button.disabled = true;
    request.upload.onprogress = (event) => { shown.querySelector("progress").value = 100 * event.loaded / event.total; };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = { error: request.responseText }; }
      if (answer.go_to) location.assign(answer.go_to);
      else ended(answer.error || "The upload was refused.");
    };
    request.onerror = () => ended("The upload was broken off. It may be too large, or bioselect app has ended.");
    request.open("POST", upload.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(data);
  }
}

/* Progress of a job or a study; new images are added at the end. */
const polled = document.querySelector("[data-poll]");
const rows = document.getElementById("rows");
if (polled) {
  let n_shown = rows ? rows.children.length : 0;
  const look = async () => {
    const address = polled.dataset.poll;
    const more = rows ? `${address.includes("?") ? "&" : "?"}shown=${n_shown}` : "";
    let state;
    try {
      state = await ask(address + more);
    } catch (error) {
      say(error.message, 0);
      setTimeout(look, 5000);
      return;
    }
    if (state.phase !== undefined && state.phase !== polled.dataset.phase) { location.reload(); return; }
    if (polled.innerHTML !== state.progress) polled.innerHTML = state.progress;
    const pages = document.getElementById("pages");
    if (pages && pages.innerHTML !== state.pages) pages.innerHTML = state.pages;
    if (rows && state.rows) { rows.insertAdjacentHTML("beforeend", state.rows); n_shown = state.n_shown; }
    if (state.has_ended) {
      for (const one of document.querySelectorAll("[data-while-working]")) one.hidden = true;
      for (const one of document.querySelectorAll("[data-when-ended]")) one.hidden = false;
      // Nothing came of it: the page without a table to download.
      if (rows && !rows.children.length) location.reload();
      return;
    }
    setTimeout(look, 500);
  };
  setTimeout(look, 300);
}

const waiting = document.querySelector("[data-wait]");
if (waiting) {
  const look = async () => {
    try {
      if ((await ask(waiting.dataset.wait)).has_ended) { location.reload(); return; }
    } catch { /* asked again */ }
    setTimeout(look, 500);
  };
  setTimeout(look, 300);
}

/* What a prediction rests on: asked for once an image is opened, and until it is known or closed. */
const large = document.getElementById("large");
let explaining = 0;

async function explain(address) {
  const number = ++explaining;
  const place = document.getElementById("explanation");
  const status = document.getElementById("explanation-said");
  const isShown = () => large.open && number === explaining;
  place.replaceChildren();
  place.hidden = !address;
  status.textContent = "";
  let method = "POST";
  while (address && isShown()) {
    try {
      const state = await ask(address, { method });
      if (!isShown()) return;
      if (place.innerHTML !== state.html) place.innerHTML = state.html;
      if (state.has_ended) {
        if (place.querySelector("figure")) status.textContent = "The explanation is shown.";
        return;
      }
      if (method === "POST") status.textContent = "The prediction is being explained.";
      method = "GET";
    } catch (error) {
      if (isShown()) { place.replaceChildren(); tellIn(place, error.message); }
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

/* Corrections are kept as soon as they are made. */
if (rows) {
  rows.addEventListener("change", async (event) => {
    if (!event.target.matches("[data-correct]")) return;
    const place = event.target.closest("[data-place]").dataset.place;
    try {
      const answer = await post(`${rows.dataset.job}/correct`, { place, value: event.target.value });
      event.target.closest(".correction").classList.toggle("kept", Boolean(event.target.value));
      say("Kept.", 2);
      const summary = document.querySelector(".summary");
      if (summary) summary.textContent = `${answer.said}.`;
    } catch (error) {
      say(error.message);
    }
  });
  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    if (!button) return;
    const picture = document.getElementById("large-picture");
    document.getElementById("large-title").textContent = button.dataset.name;
    picture.src = button.dataset.picture;
    picture.alt = button.dataset.name;
    document.getElementById("large-said").textContent = button.dataset.said;
    large.showModal();
    large.addEventListener("close", () => button.focus(), { once: true });
    explain(button.dataset.explain);
  });
}
for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

/* Answers change the configuration that is shown. */
for (const input of document.querySelectorAll("[data-answer]")) {
  input.addEventListener("change", async () => {
    const text = document.querySelector("textarea[name=text]");
    try {
      text.value = (await post(input.dataset.answer, { text: text.value, [input.name]: input.value })).text;
      say("The configuration has changed.", 3);
    } catch (error) {
      say(error.message);
    }
  });
}

/* Choosing a folder of this computer. */
const browser = document.getElementById("browser");
if (browser) {
  const content = document.getElementById("browser-content");
  let target = null, files = "0";
  const go = async (path) => {
    try {
      content.innerHTML = (await ask(`/folders?${new URLSearchParams({ path, files })}`)).html;
    } catch (error) {
      if (path) { await go(""); say(error.message); } else say(error.message);
    }
  };
  for (const button of document.querySelectorAll("[data-browse]")) {
    button.addEventListener("click", async () => {
      target = document.getElementById(button.dataset.browse);
      files = button.dataset.files;
      await go(target.value);
      browser.showModal();
    });
  }
  content.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.go !== undefined) { go(button.dataset.go); return; }
    target.value = button.dataset.take;
    browser.close();
    target.focus();
  });
}

/* Tables are sorted by their heads. */
for (const table of document.querySelectorAll("table[data-sort]")) {
  table.querySelectorAll("thead th").forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const value = (row) => row.cells[place].dataset.value ?? row.cells[place].textContent.trim();
      const order = (a, b) => {
        const [x, y] = [value(a), value(b)];
        return !isNaN(x) && !isNaN(y) ? x - y : x.localeCompare(y);
      };
      const all = [...table.tBodies[0].rows];
      const filled = all.filter((row) => value(row) !== "").sort((a, b) => (rising ? order(a, b) : order(b, a)));
      table.tBodies[0].append(...filled, ...all.filter((row) => value(row) === ""));
    });
  });
}
