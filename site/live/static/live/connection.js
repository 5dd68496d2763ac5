/* The doorbell: a socket on /live/ while it holds, polling where sockets are blocked, nothing while nobody looks. */

import {ROOT, backOff, read, times} from "./times.js";

const FEW = 3; // so many failures in a row, and the page polls
const MOVED = [1001, 1012]; // the server goes away or wants this socket elsewhere: no fault

/* known() is what to watch; told() and gone() take messages; hurry() is called when the way is free again. */
export function connect(page) {
  const connection = new Connection(page);
  connection.open();
  return connection;
}

class Connection {
  socket = null;
  failures = 0;
  etag = null;
  isUp = false;
  isPaused = false;
  isPolling = false;
  timers = {};

  constructor(page) {
    this.page = page;
    addEventListener("online", () => this.wake());
    addEventListener("pagehide", () => this.pause());
    addEventListener("pageshow", ({persisted}) => persisted && this.wake());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.leaveSoon() : this.wake()));
    if (document.hidden) this.leaveSoon();
  }

  leaveSoon() {
    this.after("hidden", times.hidden, () => this.pause());
  }

  /* Do something later, instead of what was to be done under this name. */
  after(name, delay, action) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(action, delay);
  }

  stop(...names) {
    for (const name of names) clearTimeout(this.timers[name]);
  }

  open() {
    this.stop("open");
    if (this.socket || this.isPaused) return;
    this.openedAt = Date.now();
    try {
      this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${ROOT}live/`);
    } catch {
      this.lost();
      return;
    }
    const socket = this.socket;
    const isMine = (action) => (event) => socket === this.socket && action(event);
    socket.onopen = isMine(() => {
      this.send({type: "watch", ...this.page.known()});
      this.ping();
    });
    socket.onmessage = isMine(({data}) => this.hear(JSON.parse(data)));
    socket.onclose = isMine(({code}) => this.lost(code));
    this.expectAnswer();
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  ping() {
    this.send({type: "ping"});
    this.expectAnswer();
    this.after("ping", times.ping, () => this.ping());
  }

  expectAnswer() {
    this.after("silent", times.silent, () => this.lost());
  }

  hear(message) {
    this.stop("silent");
    if (Date.now() - this.openedAt >= times.holds) this.failures = 0; // it holds
    if (!this.isUp) {
      this.isUp = true;
      this.isPolling = false;
      this.stop("poll");
      this.page.trouble.end("connection");
      this.page.hurry();
    }
    if (message.type === "version") this.page.told(message);
    else if (message.type === "gone") this.page.gone(message);
  }

  /* The socket is closed, or as good as. */
  lost(code) {
    const hasMoved = this.isUp && MOVED.includes(code);
    this.drop();
    if (hasMoved) {
      this.after("open", Math.random() * times.moved, () => this.open());
      return;
    }
    this.page.trouble.begin("connection");
    this.after("open", backOff(this.failures++), () => this.open());
    if (this.failures >= FEW && !this.isPolling) this.poll();
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.isUp = false;
    this.stop("silent", "ping", "open");
    socket?.close();
  }

  /* Begin anew, with other topics. */
  restart() {
    this.etag = null;
    if (!this.socket) return;
    this.drop();
    this.open();
  }

  async poll() {
    if (this.isPaused) return;
    this.isPolling = true;
    try {
      const names = Object.keys(this.page.known().topics).join(",");
      const {status, answer, etag} = await read(
        `${ROOT}live/?${new URLSearchParams({topics: names})}`,
        this.etag ? {"if-none-match": this.etag} : {},
      );
      if (status !== 200 && status !== 304) throw new Error(`/live/: ${status}`);
      this.page.trouble.end("connection");
      this.etag = etag ?? this.etag;
      for (const [topic, now] of Object.entries(answer?.topics ?? {})) {
        if (now) this.page.told({topic, ...now});
        else this.page.gone({topic});
      }
    } catch {
      this.page.trouble.begin("connection");
    }
    if (this.isPolling && !this.isPaused) this.after("poll", times.poll * (0.75 + Math.random() / 2), () => this.poll());
  }

  pause() {
    this.isPaused = true;
    this.drop();
    this.stop("poll", "hidden");
    this.page.trouble.end("connection");
  }

  /* Somebody looks again, or the network is back: whatever was waited for happens now. */
  wake() {
    this.isPaused = false;
    this.stop("hidden");
    if (this.isUp) this.ping();
    else this.open();
    if (this.isPolling) this.poll();
  }
}
