import '../../testing/no-statistics.ts';

import 'axe-core/axe.js';
import { expect } from 'chai';
import { setLocale, t } from '../../i18n/index.ts';
import {
  afterEach,
  beforeEach,
  deep,
  describe,
  it,
  loadStyles,
  mount,
  textOf,
  unmount,
  until,
} from '../../testing/setup.ts';
import { StubNode, StubProblem } from '../../testing/stub-node.ts';
import { linkSecret } from './link-secret.ts';
import { SharePage } from './share-page.ts';

const { axe } = globalThis as unknown as {
  axe: { run(context: Element, options: object): Promise<{ violations: { id: string; help: string }[] }> };
};

describe('the page of a shared link', () => {
  const before = window.location.href;
  let node: StubNode;
  /** What the node answers to each attempt, in order; then the last of them. */
  let answers: StubProblem[];
  let sent: unknown[];

  beforeEach(async () => {
    await loadStyles();
    await setLocale('zh-CN');
    sent = [];
    node = new StubNode().on('POST /api/shares/redeem', ({ body }: { body: unknown }) => {
      sent.push(body);
      throw answers.length > 1 ? answers.shift() : answers[0];
    });
  });
  afterEach(() => {
    unmount();
    node.restore();
    sessionStorage.clear();
    window.history.replaceState(null, '', before);
  });

  const open = (address: string): SharePage => {
    window.history.replaceState(null, '', address);
    return mount(new SharePage());
  };
  const shows = (page: SharePage, text: string) => until(`it shows ${text}`, () => textOf(page).includes(text));
  const field = (page: SharePage) => deep(page.renderRoot, 'vaadin-text-field') as HTMLElement & { value: string };
  const enter = (page: SharePage, digits: string) => {
    field(page).value = digits;
    field(page).dispatchEvent(new Event('input'));
    field(page).dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  };
  const expectAccessible = async (page: SharePage) => {
    const { violations } = await axe.run(page, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    expect(violations.map(({ id, help }) => `${id}: ${help}`)).to.deep.equal([]);
  };

  it('takes the secret out of the address, and asks for the code until it is right or the link locked', async () => {
    answers = ['SHARE_CODE_NEEDED', 'SHARE_CODE_WRONG', 'SHARE_LOCKED'].map((code) => new StubProblem(401, code));
    const page = open('/share/AAAA#s3cret');
    await shows(page, t.shares.pageHeading);
    expect(window.location.href).not.to.contain('s3cret');
    await expectAccessible(page);
    enter(page, '123');
    await until('it says that digits are missing', () => page.renderRoot.querySelector('[invalid]'));
    expect(sent).to.deep.equal([{ id: 'AAAA', secret: 's3cret' }]);
    enter(page, '1234 5678');
    await until('the code was sent', () => sent.length === 2);
    expect(sent[1]).to.deep.equal({ id: 'AAAA', secret: 's3cret', accessCode: '12345678' });
    await until('the field is empty again', () => field(page).value === '');
    enter(page, '87654321');
    await shows(page, t.shares.ended['SHARE_LOCKED']?.title ?? '');
    expect(page.renderRoot.querySelector('vaadin-text-field')).to.equal(null);
    await expectAccessible(page);
  });

  for (const code of ['SHARE_NOT_FOUND', 'SHARE_EXPIRED', 'SHARE_REVOKED', 'SHARE_WITHDRAWN'])
    for (const locale of ['zh-CN', 'en'] as const)
      it(`says what ${code} means, ${locale}`, async () => {
        await setLocale(locale);
        answers = [new StubProblem(410, code)];
        const page = open('/share/AAAA#s3cret');
        const { title = '', help = '' } = t.shares.ended[code] ?? {};
        expect(title).not.to.equal('');
        await shows(page, title);
        await shows(page, help);
      });

  it('says so when the link was not opened whole, and asks nothing', async () => {
    const page = open('/share/BBBB');
    await shows(page, t.shares.incomplete);
    expect(sent).to.deep.equal([]);
  });

  it('waits when the node says so, and lets a node that is away be asked again', async () => {
    answers = [new StubProblem(429, 'TOO_MANY_REQUESTS', { 'retry-after': '30' })];
    await shows(open('/share/AAAA#s3cret'), t.shares.wait(30));
    unmount();
    answers = [new StubProblem(503, 'UNAVAILABLE'), new StubProblem(401, 'SHARE_CODE_NEEDED')];
    const page = open('/share/AAAA#s3cret');
    await shows(page, t.shares.tryAgain);
    (deep(page.renderRoot, 'vaadin-button') as HTMLElement).click();
    await shows(page, t.shares.pageHeading);
  });

  it('knows the secret after a reload of the same tab, for its own link alone', () => {
    window.history.replaceState(null, '', '/share/AAAA#s3cret');
    expect(linkSecret('AAAA')).to.equal('s3cret');
    expect(linkSecret('AAAA')).to.equal('s3cret');
    expect(linkSecret('BBBB')).to.equal(undefined);
  });
});
