import {
  EMBED_EVENTS,
  type EmbedCommand,
  type EmbedLook,
  type EmbedNotice,
  type EmbedTarget,
  envelope,
  readCommand,
} from './protocol.ts';

/** What the frame drives: `<filmless-viewer>`, or a stand-in of a test. */
export interface EmbeddedElement extends EventTarget {
  study: string;
  series: string;
  accession: string;
  patient: string;
  layout: string;
  locale: string;
  theme: 'dark' | 'light';
  toolset: string;
  tokenProvider: (() => string | Promise<string>) | undefined;
}

/** How long the page may take to answer a request for a token. */
const TOKEN_PATIENCE_MS = 20_000;

/**
 * The frame's side of the protocol: takes commands from the window above, and from the origins that the node names alone. The origin that
 * sent the first `init` is the only one heard from then on.
 */
export class EmbedFrame {
  readonly #viewer: EmbeddedElement;
  readonly #window: Window;
  readonly #allowed: ReadonlySet<string>;
  readonly #waiting = new Map<number, { resolve(token: string): void; reject(error: Error): void }>();
  #origin: string | undefined;
  #token = '';
  #requests = 0;
  #opening = 0;

  constructor(viewer: EmbeddedElement, allowedOrigins: readonly string[], frameWindow: Window = window) {
    this.#viewer = viewer;
    this.#window = frameWindow;
    this.#allowed = new Set(allowedOrigins);
    for (const name of EMBED_EVENTS) {
      viewer.addEventListener(name, (event) => {
        const detail = event instanceof CustomEvent ? cloneable(event.detail) : undefined;
        this.#tell({ type: 'event', name, opening: this.#opening, detail });
      });
    }
    viewer.tokenProvider = () => this.#provide();
    frameWindow.addEventListener('message', this.#receive);
  }

  dispose(): void {
    this.#window.removeEventListener('message', this.#receive);
    for (const { reject } of this.#waiting.values()) reject(new Error('the frame was closed'));
    this.#waiting.clear();
  }

  readonly #receive = ({ data, origin, source }: MessageEvent): void => {
    if (source !== this.#window.parent || !this.#allowed.has(origin)) return;
    if (this.#origin !== undefined && origin !== this.#origin) return;
    const read = readCommand(data);
    if (read === 'not-ours') return;
    if (typeof read === 'string') {
      this.#window.parent.postMessage(envelope({ type: 'refused', reason: read }), origin);
      return;
    }
    if (this.#origin === undefined && read.message.type !== 'init') return;
    this.#origin = origin;
    this.#obey(read.message);
  };

  #obey(command: EmbedCommand): void {
    switch (command.type) {
      case 'init':
        this.#token = command.token;
        this.#look(command);
        this.#tell({ type: 'ready' });
        break;
      case 'token':
        this.#answer(command.request, command.token);
        break;
      case 'open':
        this.#opening = command.opening;
        this.#point(command);
        break;
      case 'setLayout':
        this.#viewer.layout = command.layout;
        break;
      case 'close':
        this.#point({});
        break;
    }
  }

  /** All in one turn: the viewer opens once, and what was on the screen goes at once. */
  #point({ study = '', series = '', accession = '', patient = '' }: EmbedTarget): void {
    Object.assign(this.#viewer, { study, series, accession, patient });
  }

  #look({ locale, theme, toolset }: EmbedLook): void {
    if (locale !== undefined) this.#viewer.locale = locale;
    if (theme !== undefined) this.#viewer.theme = theme;
    if (toolset !== undefined) this.#viewer.toolset = toolset;
  }

  /** The token that came with `init` serves once; after that the node did not take it, or something else is opened: the page is asked. */
  #provide(): string | Promise<string> {
    const given = this.#token;
    this.#token = '';
    if (given !== '') return given;
    this.#requests += 1;
    const request = this.#requests;
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => this.#answer(request, ''), TOKEN_PATIENCE_MS);
      this.#waiting.set(request, {
        resolve: (token) => {
          clearTimeout(timer);
          resolve(token);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#tell({ type: 'token-request', request });
    });
  }

  #answer(request: number, token: string): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (token === '') waiting?.reject(new Error('the page gave no token'));
    else waiting?.resolve(token);
  }

  #tell(notice: EmbedNotice): void {
    if (this.#origin !== undefined) this.#window.parent.postMessage(envelope(notice), this.#origin);
  }
}

/** Details are data; a function in one would make the whole message fail. */
function cloneable(detail: unknown): unknown {
  try {
    return structuredClone(detail);
  } catch {
    return undefined;
  }
}
