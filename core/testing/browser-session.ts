interface Page {
  status: number;
  url: string;
  text: string;
}

/** Follows redirects and keeps cookies as a browser does, for tests of sign-in across two sites. */
export class BrowserSession {
  /** By host and port: tests have several sites on one address. */
  readonly #cookies = new Map<string, Map<string, string>>();

  cookie(url: string, name: string): string | undefined {
    return this.#cookies.get(new URL(url).host)?.get(name);
  }

  /** `follow: false` stops at the first redirect. */
  async open(url: string, init: RequestInit & { follow?: boolean } = {}): Promise<Page> {
    let at = url;
    let next: RequestInit = init;
    for (let step = 0; step < 20; step += 1) {
      const cookies = [...(this.#cookies.get(new URL(at).host) ?? [])].map(([name, value]) => `${name}=${value}`);
      const response = await fetch(at, {
        ...next,
        redirect: 'manual',
        headers: { Cookie: cookies.join('; '), Accept: 'text/html', ...next.headers },
      });
      this.#keep(at, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null || init.follow === false)
        return { status: response.status, url: location ?? at, text: await response.text() };
      at = new URL(location, at).href;
      next = {};
    }
    throw new Error('too many redirects');
  }

  /** Sends the form of a page with what is filled in. */
  submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined) throw new Error(`no form in the page at ${page.url}: ${page.text.slice(0, 300)}`);
    const hidden = [...page.text.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)];
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
      ...fields,
    });
    return this.open(new URL(action, page.url).href, { method: 'POST', body });
  }

  #keep(url: string, lines: readonly string[]): void {
    const host = new URL(url).host;
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    for (const line of lines) {
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value.join('='));
    }
  }
}
