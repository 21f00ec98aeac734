import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gb, Hl7Node, hl7Message } from '../tools/hl7-node.ts';
import { codeOf, MllpClient } from '../tools/mllp-client.ts';

const MAX_MESSAGE_BYTES = 5 * 1024 * 1024;
const MESSAGE_TIMEOUT_MS = 5000;
let hl7: Hl7Node;

beforeAll(async () => {
  hl7 = await Hl7Node.start({ limits: { maxMessageBytes: MAX_MESSAGE_BYTES, messageTimeoutMs: MESSAGE_TIMEOUT_MS } });
});
afterAll(() => hl7.stop());

it('refuses what is said to be in another character set than it is', async () => {
  const sender = await hl7.his();
  const text = (set: string) =>
    hl7Message('ADT^A04^ADT_A01', 'SET', ['EVN|A04', 'PID|1||SET1^^^HIS^PI||欧阳^修远'], set);
  for (const bytes of [
    gb(text('UNICODE UTF-8')),
    gb(text('')),
    Buffer.from(text('GB 18030-2000')),
    Buffer.from(text('ASCII')),
    Buffer.from(text('KLINGON')),
  ]) {
    const answer = await sender.send(bytes);
    expect(codeOf(answer)).toBe('AR');
    expect(answer?.toString('latin1')).toContain('MSH^1^18');
  }
  expect(await hl7.isKnown('SET1')).toBe(false);
});

it('refuses truncated messages, wrong separators and mere bytes, and stays up', async () => {
  const whole = hl7Message('ADT^A04^ADT_A01', 'FUZZ', ['EVN|A04', 'PID|1||FUZZ1^^^HIS^PI||Fuzz^Case'], 'UNICODE UTF-8');
  const bytes = Buffer.from(whole);
  const isFraming = (byte: number) => byte === 0x0b || byte === 0x1c;
  const truncated = fc.integer({ min: 0, max: bytes.indexOf('|FUZZ|') }).map((length) => bytes.subarray(0, length));
  const separators = fc
    .constantFrom('MSH||||', 'MSH|^^^^', 'MSHabcde', 'MSH|^~\\', 'MSH', 'XSH|^~\\&', 'MSH\t\t\t\t\t')
    .map((start) => Buffer.from(start + whole.slice(8)));
  const mere = fc.uint8Array({ maxLength: 4000 }).map((some) => Buffer.from(some.filter((byte) => !isFraming(byte))));
  await fc.assert(
    fc.asyncProperty(fc.oneof(truncated, separators, mere), async (wrong) => {
      const answer = await (await hl7.his()).send(wrong);
      expect(codeOf(answer)).toBe('AR');
      expect(answer?.toString('latin1')).toMatch(/\rERR\|\|.*\|\d{3}\^.*\|E\|\|\|\|[^|]{10,}\r/);
    }),
    { numRuns: 200 },
  );
  expect(await hl7.isKnown('FUZZ1')).toBe(false);
  expect((await hl7.node.fetch('/readyz')).status).toBe(200);
});

it('never fails on a message with any field, however odd', async () => {
  const odd = fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => text.replaceAll(/\p{Cc}/gu, ' '));
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('ADT^A08', 'ADT^A40', 'ORM^O01', 'ORU^R01', 'SIU^S12'),
      fc.array(odd, { minLength: 6, maxLength: 12 }),
      async (type, fields) => {
        n += 1;
        const lines = ['PID', 'MRG', 'ORC', 'OBR', 'OBX', 'SCH'].map(
          (name, i) => `${name}|${fields.slice(i).join('|')}`,
        );
        const answer = await (await hl7.his()).send(hl7Message(type, `ODD${n}`, lines, 'UNICODE UTF-8'));
        expect(['AA', 'AE']).toContain(codeOf(answer));
      },
    ),
    { numRuns: 100 },
  );
  await hl7.workedOff();
  expect((await hl7.node.fetch('/readyz')).status).toBe(200);
});

it('refuses 10 MB, and goes on with the next message of the connection', async () => {
  const sender = await MllpClient.open(hl7.port);
  const large = hl7Message(
    'ADT^A04^ADT_A01',
    'LARGE',
    ['EVN|A04', `PID|1||LARGE1^^^HIS^PI||${'x'.repeat(10 * 1024 * 1024)}`],
    '',
  );
  const answer = await sender.send(large);
  expect(codeOf(answer)).toBe('AR');
  expect(answer?.toString()).toContain(`|LARGE|the message has over ${MAX_MESSAGE_BYTES} bytes`);
  expect(
    codeOf(await sender.send(hl7Message('ADT^A04^ADT_A01', 'SMALL', ['EVN|A04', 'PID|1||SMALL1^^^HIS^PI'], ''))),
  ).toBe('AA');
  sender.close();
});

it('cuts off a message that never ends, with an answer', async () => {
  const sender = await MllpClient.open(hl7.port);
  sender.write(Buffer.from(`\x0b${hl7Message('ADT^A04^ADT_A01', 'ENDLESS', ['EVN|A04'], '')}`));
  const feeding = setInterval(() => sender.write(Buffer.from('NTE|1||more and more\r')), 20);
  const answer = await sender.answer();
  clearInterval(feeding);
  expect(codeOf(answer)).toBe('AR');
  expect(answer?.toString()).toContain('|ENDLESS|the message did not end');
  expect(await sender.answer()).toBeUndefined();
});
