// Shows a push while the on-call page is closed, and opens the page. Keeps nothing, answers no requests.
"use strict";

const PAGE = "/oncall";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** A page to staff begins "Clinic URGENCY 1001: …"; before the colon stands all that a locked screen may show. */
self.addEventListener("push", (event) => {
  const title = (event.data?.text() ?? "").split(":")[0].trim() || "On call";
  const drill = title.includes(" DRILL ");
  const told = self.registration.showNotification(title, {
    body: drill ? "No patient is waiting. Tap to look." : "Somebody is needed. Tap to take it.",
    tag: /\b\d{4}$/.exec(title)?.[0] ?? "on-call",
    icon: "/static/mark.svg",
    renotify: true,
    requireInteraction: !drill,
    vibrate: [300, 150, 300, 150, 600],
  });
  event.waitUntil(Promise.all([told, tellPages("look")]));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});

async function pages() {
  const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url }) => new URL(url).pathname === PAGE);
}

async function tellPages(what) {
  for (const page of await pages()) page.postMessage(what);
}

async function openPage() {
  const [open] = await pages();
  return open ? open.focus() : self.clients.openWindow(PAGE);
}
