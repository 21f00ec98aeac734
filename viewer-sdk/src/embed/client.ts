/** What a page loads that shows the viewer in a frame: `import { createEmbeddedViewer } from 'https://pacs.hospital/sdk/filmless-embed.js'`. */
import {
  type EmbedCommand,
  type EmbedEventName,
  type EmbedLook,
  type EmbedTarget,
  envelope,
  readNotice,
} from './protocol.ts';

export { EMBED_EVENTS, EMBED_PROTOCOL, type EmbedEventName, type EmbedLook, type EmbedTarget } from './protocol.ts';

export interface EmbedOptions extends EmbedLook {
  /** The node's origin, `https://pacs.hospital`; that of the frame's address when absent. */
  readonly server?: string;
  /** Gives a token; asked at first, with every study, and again when the node no longer takes the last one. */
  readonly tokenProvider: () => string | Promise<string>;
}

/**
 * The viewer in a frame. It dispatches the viewer's events (`filmless-first-image`, `filmless-study-open`, `filmless-image-change`,
 * `filmless-measurement`, `filmless-error`) with their details; those of a study that was left are not dispatched.
 */
export class EmbeddedViewer extends EventTarget {
  /** Resolves when the frame has answered. */
  readonly ready: Promise<void>;
  readonly #frame: HTMLIFrameElement;
  readonly #origin: string;
  readonly #options: EmbedOptions;
  #opening = 0;
  #isReady: () => void = () => undefined;

  constructor(frame: HTMLIFrameElement, options: EmbedOptions) {
    super();
    this.#frame = frame;
    this.#options = options;
    this.#origin = new URL(options.server ?? frame.src, document.baseURI).origin;
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    window.addEventListener('message', this.#receive);
    frame.addEventListener('load', this.#greet);
    // A frame that has loaded already hears this one; one that has not, the one at its load.
    if (frame.src) this.#greet();
  }

  /** Opens what is named in place of what is open. */
  open(target: EmbedTarget): void {
    this.#opening += 1;
    this.#target = target;
    this.#send({ type: 'open', opening: this.#opening, ...target });
  }

  setLayout(layout: string): void {
    this.#send({ type: 'setLayout', layout });
  }

  /** Takes everything off the screen. */
  close(): void {
    this.#opening += 1;
    this.#target = undefined;
    this.#send({ type: 'close' });
  }

  /** Ends the connection; the frame itself is the page's. */
  dispose(): void {
    window.removeEventListener('message', this.#receive);
    this.#frame.removeEventListener('load', this.#greet);
  }

  #target: EmbedTarget | undefined;

  /** A frame that was loaded anew knows nothing: it is told again what is open. */
  readonly #greet = async (): Promise<void> => {
    const { locale, theme, toolset } = this.#options;
    const look = { ...(locale && { locale }), ...(theme && { theme }), ...(toolset && { toolset }) };
    this.#send({ type: 'init', token: await this.#token(), ...look });
    if (this.#target) this.#send({ type: 'open', opening: this.#opening, ...this.#target });
  };

  async #token(): Promise<string> {
    try {
      return (await this.#options.tokenProvider()).trim();
    } catch {
      // The viewer says that it could not sign in; the page's own part knows why.
      return '';
    }
  }

  #send(command: EmbedCommand): void {
    // Delivered only where the frame really is the node's page.
    this.#frame.contentWindow?.postMessage(envelope(command), this.#origin);
  }

  readonly #receive = async ({ data, origin, source }: MessageEvent): Promise<void> => {
    if (origin !== this.#origin || source === null || source !== this.#frame.contentWindow) return;
    const read = readNotice(data);
    if (typeof read === 'string') return;
    const notice = read.message;
    if (notice.type === 'ready') this.#isReady();
    else if (notice.type === 'token-request')
      this.#send({ type: 'token', request: notice.request, token: await this.#token() });
    else if (notice.type === 'event' && notice.opening === this.#opening) this.#dispatch(notice.name, notice.detail);
    else if (notice.type === 'refused') console.error(`filmless: the frame refused a message (${notice.reason})`);
  };

  #dispatch(name: EmbedEventName, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Connects to the viewer in a frame whose address is `{node}/embed`. */
export function createEmbeddedViewer(frame: HTMLIFrameElement, options: EmbedOptions): EmbeddedViewer {
  return new EmbeddedViewer(frame, options);
}
