// Starts the page: inside the window with the peer, anywhere else with a fake one.

import { isTauri } from "@tauri-apps/api/core";
import { mount } from "svelte";
import App from "./App.svelte";
import type { Backend } from "./lib/backend";
import "./styles/tokens.css";
import "./styles/base.css";

async function backend(): Promise<Backend> {
  if (isTauri()) return new (await import("./lib/backend.tauri")).TauriBackend();
  const show = new URLSearchParams(window.location.search).get("show");
  return (await import("./lib/demo")).demoBackend(show);
}

const target = document.getElementById("app");
if (target) void backend().then((chosen) => mount(App, { target, props: { backend: chosen } }));
