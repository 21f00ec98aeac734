import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type AlarmChannel, type AlarmNotice, FilmlessError } from '@filmless/core/plugin';
import { Agent, fetch } from 'undici';
import { concerns } from './concerns.ts';
import type { WebhookSettings } from './config.ts';

/** Of the receiver's answer only its status counts. */
export class Webhook implements AlarmChannel {
  readonly title: AlarmChannel['title'];
  readonly #settings: WebhookSettings;

  constructor(settings: WebhookSettings) {
    this.#settings = settings;
    this.title = { 'zh-CN': `网络回调 ${settings.name}`, en: `Webhook ${settings.name}` };
  }

  async send(notice: AlarmNotice, signal: AbortSignal): Promise<void> {
    const { url, secret, ca, minSeverity } = this.#settings;
    if (!concerns(notice, minSeverity)) return;
    const body = JSON.stringify(notice);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca: await readFile(ca) } });
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-filmless-timestamp': timestamp,
          'x-filmless-signature': signature(secret, timestamp, body),
        },
        body,
        dispatcher,
        signal,
        // Elsewhere nobody checked that it is https.
        redirect: 'error',
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new FilmlessError('UNAVAILABLE', `the receiver answered ${answer.status}`);
    } catch (error) {
      if (error instanceof FilmlessError) throw error;
      throw new FilmlessError('UNAVAILABLE', `the receiver cannot be reached: ${reason(error)}`, { cause: error });
    } finally {
      await dispatcher.destroy();
    }
  }
}

/** Over the time too, so that a notice that was overheard cannot be sent again later. */
export function signature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

function reason(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  return error instanceof Error ? error.message : 'unknown reason';
}
