import { assetBase } from '../client/asset-base.ts';
import type { FilmlessViewer } from '../elements/viewer.ts';
import type { ViewerController } from '../session/viewer-controller.ts';
import { type FromWindow, readMessage, type ToWindow } from './window-messages.ts';

/** A window for a second monitor. It shows images of the opener's patient, and nothing when the opener is closed or shows someone else. */
export class SecondWindow {
  readonly #element: FilmlessViewer;
  readonly #controller: ViewerController;
  #window: Window | null = null;

  constructor(element: FilmlessViewer, controller: ViewerController) {
    this.#element = element;
    this.#controller = controller;
    window.addEventListener('message', this.#heard);
    window.addEventListener('pagehide', this.#ended);
  }

  /** Whether there is something to show, and a page to show it on: one of this origin, which alone may be told the token. */
  get possible(): boolean {
    const { active, client } = this.#controller;
    return (
      active.state.series !== '' && client !== undefined && this.#page(client.urls.server).origin === location.origin
    );
  }

  /** Shows the active cell's series there. @returns false when the browser did not open a window */
  open(): boolean {
    const { client } = this.#controller;
    if (!client || !this.possible) return false;
    if (this.#window && !this.#window.closed) {
      this.#show();
      this.#window.focus();
      return true;
    }
    this.#window = window.open(this.#page(client.urls.server), '_blank', 'popup,width=1280,height=960');
    return this.#window !== null;
  }

  /** The study went: its images go there as well. */
  end(): void {
    this.#send({ filmless: 'end' });
  }

  dispose(): void {
    this.end();
    window.removeEventListener('message', this.#heard);
    window.removeEventListener('pagehide', this.#ended);
  }

  #page(server: string): URL {
    return new URL('window.html', assetBase(server));
  }

  readonly #ended = (): void => this.end();

  readonly #heard = (event: MessageEvent): void => {
    const message = this.#window && readMessage<FromWindow>(event, this.#window);
    if (message?.filmless === 'ready') this.#show();
    else if (message?.filmless === 'token') void this.#giveToken(message.request);
  };

  #show(): void {
    const { active, client } = this.#controller;
    const { locale, theme, noWebgl, forceWebgl, tokenProvider } = this.#element;
    const { study } = active;
    if (!client || !study) return;
    const images = {
      server: client.urls.server,
      study: study.StudyInstanceUID,
      series: active.state.series,
      patient: study.patientId,
      locale,
      theme,
      noWebgl,
      forceWebgl,
      tokens: tokenProvider !== undefined,
    };
    this.#send({ filmless: 'show', images });
  }

  async #giveToken(request: number): Promise<void> {
    let token: string | undefined;
    try {
      token = await this.#element.tokenProvider?.();
    } catch {
      // The other window says that there is none.
    }
    this.#send({ filmless: 'token', request, token });
  }

  #send(message: ToWindow): void {
    if (this.#window && !this.#window.closed) this.#window.postMessage(message, location.origin);
  }
}
