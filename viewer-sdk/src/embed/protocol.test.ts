import { expect } from 'chai';
import { afterEach, describe, it } from '../testing/globals.ts';
import { until } from '../testing/until.ts';
import { type EmbeddedElement, EmbedFrame } from './frame.ts';
import { envelope, readCommand, readNotice } from './protocol.ts';

describe('messages between a page and its frame', () => {
  it('are read with the fields they may have, and no others', () => {
    const read = readCommand({ ...envelope({ type: 'open', opening: 1, study: '1.2' }), evil: 1 });
    expect(read).to.deep.equal({ message: { type: 'open', opening: 1, study: '1.2' } });
  });

  const bad: readonly [string, unknown, string][] = [
    ['a text', 'open', 'not-ours'],
    ['null', null, 'not-ours'],
    ['another library’s', { type: 'init', token: 'x' }, 'not-ours'],
    ['another version', { filmless: 2, type: 'close' }, 'version'],
    ['an unknown type', { filmless: 1, type: 'toString' }, 'malformed'],
    ['a missing field', { filmless: 1, type: 'init' }, 'malformed'],
    ['a wrong type', { filmless: 1, type: 'open', opening: 1, study: { toString: () => '1.2' } }, 'malformed'],
    ['a number that is none', { filmless: 1, type: 'open', opening: -1 }, 'malformed'],
    ['a text without end', { filmless: 1, type: 'open', opening: 1, patient: 'x'.repeat(300) }, 'malformed'],
  ];
  for (const [what, data, outcome] of bad) {
    it(`are refused: ${what}`, () => {
      expect(readCommand(data)).to.equal(outcome);
    });
  }

  it('of the frame name only events that the page may hear', () => {
    const event = { filmless: 1, type: 'event', opening: 0, detail: {} };
    expect(readNotice({ ...event, name: 'filmless-error' })).to.be.an('object');
    expect(readNotice({ ...event, name: 'click' })).to.equal('malformed');
  });
});

/** A window whose parent is a stand-in: messages are dispatched by hand, with the origin and source a browser would put there. */
class Frame {
  readonly sent: { data: Record<string, unknown>; origin: string }[] = [];
  readonly parent = {
    postMessage: (data: Record<string, unknown>, origin: string) => void this.sent.push({ data, origin }),
  };
  readonly window = Object.assign(new EventTarget(), { parent: this.parent });
  readonly viewer = Object.assign(new EventTarget(), {
    study: '',
    series: '',
    accession: '',
    patient: '',
    layout: '',
    locale: '',
    theme: 'dark' as const,
    toolset: '',
    tokenProvider: undefined as EmbeddedElement['tokenProvider'],
  });
  readonly frame = new EmbedFrame(this.viewer, ['https://his.hospital'], this.window as unknown as Window);

  receive(message: object, origin = 'https://his.hospital', source: unknown = this.parent): void {
    const event = new MessageEvent('message', { data: { filmless: 1, ...message }, origin });
    Object.defineProperty(event, 'source', { value: source });
    this.window.dispatchEvent(event);
  }
}

describe('the frame', () => {
  let current: Frame | undefined;
  const start = () => {
    current = new Frame();
    return current;
  };
  afterEach(() => current?.frame.dispose());

  it('hears the window above, from an origin that is named, after its init', () => {
    const frame = start();
    frame.receive({ type: 'open', opening: 1, study: '1.2' });
    expect(frame.viewer.study, 'before init').to.equal('');
    frame.receive({ type: 'init', token: 't' }, 'https://stranger.test');
    frame.receive({ type: 'init', token: 't' }, 'https://his.hospital', {});
    expect(frame.sent).to.deep.equal([]);
    frame.receive({ type: 'init', token: 't' });
    expect(frame.sent).to.deep.equal([{ data: { filmless: 1, type: 'ready' }, origin: 'https://his.hospital' }]);
    frame.receive({ type: 'open', opening: 1, study: '1.2', patient: 'P1' });
    expect([frame.viewer.study, frame.viewer.patient]).to.deep.equal(['1.2', 'P1']);
    frame.receive({ type: 'open', opening: 2, accession: 'A1' });
    expect([frame.viewer.study, frame.viewer.patient, frame.viewer.accession]).to.deep.equal(['', '', 'A1']);
  });

  it('gives the token of init once, then asks the page', async () => {
    const frame = start();
    frame.receive({ type: 'init', token: 'first' });
    const provide = () => frame.viewer.tokenProvider?.() ?? '';
    expect(await provide()).to.equal('first');
    const second = provide();
    await until('a request for a token', () => frame.sent.some(({ data }) => data['type'] === 'token-request'));
    frame.receive({ type: 'token', request: 1, token: 'second' });
    expect(await second).to.equal('second');
    const third = Promise.resolve(provide()).then(
      () => 'given',
      () => 'refused',
    );
    frame.receive({ type: 'token', request: 2, token: '' });
    expect(await third).to.equal('refused');
  });

  it('says that it does not understand', () => {
    const frame = start();
    frame.receive({ type: 'init', token: 't' });
    frame.receive({ type: 'explode' });
    expect(frame.sent.at(-1)?.data).to.deep.equal({ filmless: 1, type: 'refused', reason: 'malformed' });
  });
});
