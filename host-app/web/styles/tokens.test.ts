import { expect } from 'chai';
import { TOKENS } from '../../../viewer-sdk/src/tokens.css.ts';
import { describe, it } from '../testing/setup.ts';

describe('tokens', () => {
  it('are those of the viewer, wherever both have a name', async () => {
    const css = await (await fetch(new URL('./tokens.css', import.meta.url))).text();
    const plain = (value: string) => value.replace(/["']/g, '').replace(/\s+/g, ' ').trim();
    const [common = '', dark = '', light = ''] = css.split(
      /(?=:root,\s*:root\[data-theme="dark"\]|:root\[data-theme="light"\]|@media print)/,
    );
    const valueIn = (block: string, name: string) => new RegExp(`${name}:([^;]+);`).exec(block)?.[1];
    for (const [theme, block] of [
      ['dark', dark],
      ['light', light],
    ] as const) {
      for (const [name, value] of Object.entries(TOKENS[theme])) {
        const own = valueIn(block, name) ?? valueIn(common, name);
        expect(own === undefined ? undefined : plain(own), `${theme} ${name}`).to.equal(plain(value));
      }
    }
  });
});
