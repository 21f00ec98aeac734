import { readFile } from 'node:fs/promises';
import { FilmlessError, type RowSource } from '@filmless/core/plugin';
import type { z } from 'zod';
import type { restSchema } from './config.ts';
import type { Row } from './mapping.ts';

const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;
/** A view that never ends is a fault of it. */
const MOST_PAGES = 100_000;

/** The rows of a view over HTTP, page by page. */
export class RestRows implements RowSource {
  readonly #settings: z.infer<typeof restSchema>;

  constructor(settings: z.infer<typeof restSchema>) {
    this.#settings = settings;
  }

  async *rows(since: string | undefined, signal: AbortSignal): AsyncIterable<Row> {
    const { page } = this.#settings;
    for (let number = 0; number < MOST_PAGES; number += 1) {
      const rows = await this.#page(since, number, signal);
      yield* rows;
      if (!page || rows.length < page.size) return;
    }
    throw unavailable('its pages do not end');
  }

  async #page(since: string | undefined, number: number, signal: AbortSignal): Promise<Row[]> {
    const { url, authorizationFile, items, sinceParameter, page, timeoutMs } = this.#settings;
    const address = new URL(url);
    if (since !== undefined) address.searchParams.set(sinceParameter, since);
    if (page) {
      const at = page.by === 'page' ? number + page.first : number * page.size;
      address.searchParams.set(page.parameter, String(at));
      address.searchParams.set(page.sizeParameter, String(page.size));
    }
    const headers: Record<string, string> = { accept: 'application/json' };
    if (authorizationFile !== undefined) headers['authorization'] = await readSecret(authorizationFile);
    let answer: Response;
    let text: string;
    try {
      // A redirect would take the header elsewhere.
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      answer = await fetch(address, { headers, redirect: 'error', signal: limit });
      text = await readText(answer);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FilmlessError) throw error;
      throw unavailable('it does not answer', error);
    }
    if (!answer.ok) throw unavailable(`it answers with status ${answer.status}`);
    return rowsIn(text, items);
  }
}

async function readText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_ANSWER_BYTES) throw unavailable('its answer is too large; ask for smaller pages');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function rowsIn(text: string, items: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes what it could not read.
    throw unavailable('its answer is not JSON');
  }
  for (const part of items === '' ? [] : items.split('.')) {
    if (!isRow(value) || !Object.hasOwn(value, part)) throw unavailable(`its answer has no ${items}`);
    value = value[part];
  }
  if (!Array.isArray(value) || !value.every(isRow)) throw unavailable('its answer holds no list of rows');
  return value;
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw unavailable('the file with its Authorization header cannot be read', error);
  }
}

const unavailable = (why: string, cause?: unknown): FilmlessError =>
  new FilmlessError('UNAVAILABLE', `the view of the other system: ${why}`, { cause });
