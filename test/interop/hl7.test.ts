import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusFolder } from '../tools/corpus.ts';
import { eventually } from '../tools/eventually.ts';
import { codeOf, framed, MllpClient } from '../tools/mllp-client.ts';
import { MllpReceiver } from '../tools/mllp-receiver.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';

const MAX_MESSAGE_BYTES = 5 * 1024 * 1024;
const MESSAGE_TIMEOUT_MS = 5000;
let node: NodeProcess;
let port: number;
const ris = new MllpReceiver();

interface InboxEntry {
  id: number;
  controlId: string;
  type: string;
  state: string;
  location: string | null;
  error: string | null;
}

beforeAll(async () => {
  port = await freePort();
  node = await startNode({
    config: {
      plugins: {
        'his-bridge': {
          hl7: {
            port,
            connections: [{ name: 'HIS', address: '127.0.0.1' }],
            receivers: [
              { name: 'RIS', host: '127.0.0.1', port: await ris.listen(), characterSet: 'GB18030' },
              { name: 'HIS', host: '127.0.0.1', port: 1 },
            ],
            limits: { maxMessageBytes: MAX_MESSAGE_BYTES, messageTimeoutMs: MESSAGE_TIMEOUT_MS },
          },
        },
      },
    },
  });
});
afterAll(async () => {
  ris.close();
  await node.stop();
  await node.remove();
});

let client: MllpClient | undefined;
const his = async (): Promise<MllpClient> => {
  if (!client || client.socket.destroyed) client = await MllpClient.open(port);
  return client;
};
const gb = (text: string) => iconv.encode(text, 'gb18030');
const message = (type: string, controlId: string, lines: readonly string[], characterSet = 'GB 18030-2000') =>
  [
    `MSH|^~\\&|HIS|协和医院|PACS|放射科|20260102093000||${type}|${controlId}|P|2.5.1||||||${characterSet}`,
    ...lines,
    '',
  ].join('\r');

const obr = (fields: Readonly<Record<number, string>>) =>
  `OBR|${Array.from({ length: 26 }, (_, i) => fields[i + 1] ?? '').join('|')}`;

async function inbox(query = ''): Promise<{ counts: Record<string, number>; items: InboxEntry[] }> {
  const response = await node.fetch(`/api/his/inbox?limit=500${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { counts: Record<string, number>; items: InboxEntry[] };
}

const post = (path: string, body: object) =>
  node.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const workedOff = () => eventually(async () => (await inbox()).counts['waiting'] === 0);

/** What a dry run finds of a patient: reads the register through the door that is tested. */
async function isKnown(id: string): Promise<boolean> {
  const response = await post('/api/his/dry-run', {
    connection: 'HIS',
    message: message('ADT^A08^ADT_A01', 'DRY', ['EVN|A08', `PID|1||${id}^^^HIS^PI||X`], ''),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { steps: { known: boolean }[] }).steps[0]?.known ?? false;
}

async function reportsOf(accession: string) {
  const response = await node.fetch(`/api/reports?accession=${accession}`);
  return ((await response.json()) as { reports: { versions?: unknown[]; text?: string; status?: string }[] }).reports;
}

describe('HL7 v2 over MLLP', () => {
  it('takes a patient, an order and a report in GB18030', async () => {
    const sender = await his();
    const person = 'PID|1||GB0001^^^HIS^PI||张^三^^^^^L^I~Zhang^San^^^^^L^A||19900101|M';
    const adt = await sender.send(gb(message('ADT^A01^ADT_A01', 'GB1', ['EVN|A01', person, 'PV1|1|I|呼吸内科^12^3'])));
    expect(codeOf(adt)).toBe('AA');
    expect(iconv.decode(adt ?? Buffer.alloc(0), 'gb18030')).toContain('|PACS|放射科|HIS|协和医院|');
    const order = ['ORC|NW|REQ1', obr({ 2: 'REQ1', 4: 'CT0101^胸部CT平扫^LOCAL', 18: 'ACC-GB-1', 24: 'CT' })];
    expect(codeOf(await sender.send(gb(message('ORM^O01^ORM_O01', 'GB2', [person, ...order]))))).toBe('AA');
    const obx = ['OBX|1|TX|&GDT^检查所见||双肺纹理清晰\\.br\\未见\\T\\实变', 'OBX|2|TX|IMP^诊断意见||未见异常'];
    const report = [obr({ 2: 'REQ1', 3: 'R1', 4: 'CT0101^胸部CT平扫', 18: 'ACC-GB-1', 25: 'F' }), ...obx];
    expect(codeOf(await sender.send(gb(message('ORU^R01^ORU_R01', 'GB3', [person, ...report]))))).toBe('AA');
    await workedOff();
    expect((await inbox('&state=failed')).items).toEqual([]);
    expect(await isKnown('GB0001')).toBe(true);
    const found = JSON.stringify(await reportsOf('ACC-GB-1'));
    expect(found).toContain('双肺纹理清晰\\n未见&实变');
    expect(found).toContain('"conclusion":"未见异常"');
    expect(found).toContain('"name":"Zhang^San=张^三"');
  });

  it('takes the same message again without applying it again', async () => {
    const sender = await his();
    const text = message('ADT^A04^ADT_A01', 'SAME', ['EVN|A04', 'PID|1||SAME1^^^HIS^PI||李^四'], 'UNICODE UTF-8');
    expect(codeOf(await sender.send(text))).toBe('AA');
    expect(codeOf(await sender.send(text))).toBe('AA');
    expect((await inbox()).items.filter(({ controlId }) => controlId === 'SAME')).toHaveLength(1);
  });

  it('answers AE to content that cannot be used, keeps it whole, and applies it once it is corrected', async () => {
    const sender = await his();
    const text = message('ADT^A04^ADT_A01', 'WRONG', ['EVN|A04', 'PID|1||^^^HIS^PI||王^五'], 'UNICODE UTF-8');
    const answer = await sender.send(text);
    expect(codeOf(answer)).toBe('AE');
    expect(answer?.toString()).toMatch(/\rERR\|\|PID\^1\^3\|101\^/);
    const entry = (await inbox('&state=failed')).items.find(({ controlId }) => controlId === 'WRONG');
    expect(entry).toMatchObject({ location: 'PID-3', type: 'ADT^A04' });
    const whole = (await (await node.fetch(`/api/his/inbox/${entry?.id}`)).json()) as { message: string };
    expect(whole.message).toBe(text);
    expect((await post(`/api/his/inbox/${entry?.id}/replay`, { message: whole.message })).status).toBe(400);
    const corrected = whole.message.replace('||^^^HIS', '||MENDED1^^^HIS');
    expect((await post(`/api/his/inbox/${entry?.id}/replay`, { message: corrected })).status).toBe(202);
    await workedOff();
    expect(await isKnown('MENDED1')).toBe(true);
    expect((await post(`/api/his/inbox/${entry?.id}/replay`, {})).status).toBe(409);
  });

  it('puts what fails when it is applied into the list of errors, and goes on', async () => {
    const sender = await his();
    const person = (id: string) => `PID|1||${id}^^^HIS^PI||Case^Order`;
    const place = (control: string, id: string) =>
      message(
        'ORM^O01^ORM_O01',
        `OF-${id}-${control}`,
        [person(id), `ORC|${control}|REQ-OF`, obr({ 2: 'REQ-OF', 4: 'CT^CT', 18: 'ACC-OF' })],
        '',
      );
    expect(codeOf(await sender.send(place('NW', 'OF1')))).toBe('AA');
    expect(codeOf(await sender.send(place('XO', 'OF2')))).toBe('AA');
    expect(codeOf(await sender.send(place('XO', 'OF1')))).toBe('AA');
    await workedOff();
    const failed = (await inbox('&state=failed')).items.filter(({ controlId }) => controlId.startsWith('OF-'));
    expect(failed.map(({ controlId, location }) => [controlId, location])).toEqual([['OF-OF2-XO', 'PID-3']]);
    for (const { id } of failed) expect((await post(`/api/his/inbox/${id}/dismiss`, {})).status).toBe(200);
  });

  it('merges patients, once, and takes what still comes under the old number', async () => {
    const sender = await his();
    const [kept, old] = ['PID|1||KEPT1^^^HIS^PI||Kept^Name', 'PID|1||OLD1^^^HIS^PI||Old^Name'];
    const send = async (type: string, id: string, lines: string[]) =>
      expect(codeOf(await sender.send(message(type, id, lines, 'UNICODE UTF-8')))).toBe('AA');
    await send('ADT^A04^ADT_A01', 'MERGE1', ['EVN|A04', old]);
    await send('ADT^A40^ADT_A39', 'MERGE2', ['EVN|A40', kept, 'MRG|OLD1^^^HIS^PI']);
    await send('ADT^A40^ADT_A39', 'MERGE3', ['EVN|A40', kept, 'MRG|OLD1^^^HIS^PI']);
    await send('ADT^A08^ADT_A01', 'MERGE4', ['EVN|A08', old]);
    await send('ORM^O01^ORM_O01', 'MERGE5', [
      old,
      'ORC|NW|MERGED-ORDER',
      obr({ 2: 'MERGED-ORDER', 4: 'CT^CT', 18: 'ACC-MERGED' }),
    ]);
    await send('ORM^O01^ORM_O01', 'MERGE6', [
      kept,
      'ORC|XO|MERGED-ORDER',
      obr({ 2: 'MERGED-ORDER', 4: 'CT^CT', 18: 'ACC-MERGED' }),
    ]);
    await workedOff();
    expect((await inbox('&state=failed')).items.filter(({ controlId }) => controlId.startsWith('MERGE'))).toEqual([]);
    const found = await node.fetch('/api/patients?text=KEPT1&limit=10');
    const { items } = (await found.json()) as { items: { key: string; demographics: { name: string } }[] };
    expect(items.map(({ demographics }) => demographics.name)).toEqual(['Kept^Name']);
    const page = await (await node.fetch(`/api/patients/${items[0]?.key}`)).json();
    expect(JSON.stringify((page as { merged: unknown }).merged)).toContain('OLD1');
    expect(JSON.stringify((page as { orders: unknown }).orders)).toContain('MERGED-ORDER');
  });

  it('shows in a dry run what would be done, and does nothing', async () => {
    const response = await post('/api/his/dry-run', {
      connection: 'HIS',
      message: message('ADT^A40^ADT_A39', 'DRY40', [
        'EVN|A40',
        'PID|1||DRYA^^^HIS^PI||赵^六||1990|男',
        'MRG|DRYB^^^HIS^PI',
      ]),
    });
    const body = (await response.json()) as { steps: { action: { do: string } }[]; problems: { location: string }[] };
    expect(body.steps.map(({ action }) => action.do)).toEqual(['register', 'merge']);
    expect(body.problems.map(({ location }) => location)).toEqual(['PID-7']);
    expect(await isKnown('DRYA')).toBe(false);
  });

  it('refuses what is said to be in another character set than it is', async () => {
    const sender = await his();
    const text = (set: string) =>
      message('ADT^A04^ADT_A01', 'SET', ['EVN|A04', 'PID|1||SET1^^^HIS^PI||欧阳^修远'], set);
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
    expect(await isKnown('SET1')).toBe(false);
  });

  it('reads messages with separators of their own', async () => {
    const text = [
      'MSH$%*!@$HIS$X$PACS$Y$20260101$$ADT%A04$SEP$P$2.3',
      'EVN$A04',
      'PID$1$$SEP1%%%HIS%PI$$Own%Separators',
      '',
    ].join('\r');
    expect(codeOf(await (await his()).send(text))).toBe('AA');
    await workedOff();
    expect(await isKnown('SEP1')).toBe(true);
  });

  it('refuses truncated messages, wrong separators and mere bytes, and stays up', async () => {
    const whole = message('ADT^A04^ADT_A01', 'FUZZ', ['EVN|A04', 'PID|1||FUZZ1^^^HIS^PI||Fuzz^Case'], 'UNICODE UTF-8');
    const bytes = Buffer.from(whole);
    const isFraming = (byte: number) => byte === 0x0b || byte === 0x1c;
    const truncated = fc.integer({ min: 0, max: bytes.indexOf('|FUZZ|') }).map((length) => bytes.subarray(0, length));
    const separators = fc
      .constantFrom('MSH||||', 'MSH|^^^^', 'MSHabcde', 'MSH|^~\\', 'MSH', 'XSH|^~\\&', 'MSH\t\t\t\t\t')
      .map((start) => Buffer.from(start + whole.slice(8)));
    const mere = fc.uint8Array({ maxLength: 4000 }).map((some) => Buffer.from(some.filter((byte) => !isFraming(byte))));
    await fc.assert(
      fc.asyncProperty(fc.oneof(truncated, separators, mere), async (wrong) => {
        const answer = await (await his()).send(wrong);
        expect(codeOf(answer)).toBe('AR');
        expect(answer?.toString('latin1')).toMatch(/\rERR\|\|.*\|\d{3}\^.*\|E\|\|\|\|[^|]{10,}\r/);
      }),
      { numRuns: 200 },
    );
    expect(await isKnown('FUZZ1')).toBe(false);
    expect((await node.fetch('/readyz')).status).toBe(200);
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
          const answer = await (await his()).send(message(type, `ODD${n}`, lines, 'UNICODE UTF-8'));
          expect(['AA', 'AE']).toContain(codeOf(answer));
        },
      ),
      { numRuns: 100 },
    );
    await workedOff();
    expect((await node.fetch('/readyz')).status).toBe(200);
  });

  it('refuses 10 MB, and goes on with the next message of the connection', async () => {
    const sender = await MllpClient.open(port);
    const large = message(
      'ADT^A04^ADT_A01',
      'LARGE',
      ['EVN|A04', `PID|1||LARGE1^^^HIS^PI||${'x'.repeat(10 * 1024 * 1024)}`],
      '',
    );
    const answer = await sender.send(large);
    expect(codeOf(answer)).toBe('AR');
    expect(answer?.toString()).toContain(`|LARGE|the message has over ${MAX_MESSAGE_BYTES} bytes`);
    expect(
      codeOf(await sender.send(message('ADT^A04^ADT_A01', 'SMALL', ['EVN|A04', 'PID|1||SMALL1^^^HIS^PI'], ''))),
    ).toBe('AA');
    sender.close();
  });

  it('cuts off a message that never ends, with an answer', async () => {
    const sender = await MllpClient.open(port);
    sender.write(Buffer.from(`\x0b${message('ADT^A04^ADT_A01', 'ENDLESS', ['EVN|A04'], '')}`));
    const feeding = setInterval(() => sender.write(Buffer.from('NTE|1||more and more\r')), 20);
    const answer = await sender.answer();
    clearInterval(feeding);
    expect(codeOf(answer)).toBe('AR');
    expect(answer?.toString()).toContain('|ENDLESS|the message did not end');
    expect(await sender.answer()).toBeUndefined();
  });

  it('answers messages sent without waiting, in their order', async () => {
    const sender = await MllpClient.open(port);
    const numbers = Array.from({ length: 300 }, (_, i) => `PIPE${i}`);
    sender.write(
      Buffer.concat(
        numbers.map((id) =>
          framed(message('ADT^A08^ADT_A01', id, ['EVN|A08', `PID|1||${id}^^^HIS^PI||Pipe^Line`], '')),
        ),
      ),
    );
    for (const id of numbers) expect((await sender.answer())?.toString()).toContain(`\rMSA|AA|${id}\r`);
    sender.close();
  });
});

describe('reports that go out', () => {
  const deliver = (externalId: string, text: string, status = 'reviewed') =>
    post('/api/reports', {
      patient: { id: 'OUT1', name: 'Wang^Wu=王^五' },
      accessionNumber: `ACC-${externalId}`,
      status,
      title: '胸部CT平扫',
      text,
      conclusion: '结论：正常 & 无异常',
      author: '李四',
      externalId,
    });
  const received = (externalId: string) =>
    ris.messages.map((bytes) => iconv.decode(bytes, 'gb18030')).filter((text) => text.includes(`ACC-${externalId}`));
  const outbox = async (state: string) => {
    const response = await node.fetch(`/api/his/outbox?state=${state}&limit=500`);
    return ((await response.json()) as { items: { id: number; receiver: string; error: string | null }[] }).items;
  };

  it('are ORU^R01 in the character set of the receiver, every version in its order', async () => {
    // The receiver is gone at first: nothing is lost by that, and the versions do not overtake each other.
    let refusals = 1;
    ris.answerWith = () => (refusals-- > 0 ? undefined : 'AA');
    expect((await deliver('OUT-A', '第一行\n第二行|含竖线')).status).toBe(201);
    expect((await deliver('OUT-A', '更正后', 'amended')).status).toBe(201);
    await eventually(() => received('OUT-A').length === 2);
    const [first = '', second = ''] = received('OUT-A');
    expect(first).toContain('||ORU^R01^ORU_R01|');
    expect(first.split('\r')[0]?.split('|')[17]).toBe('GB 18030-2000');
    expect(first).toContain('|1||OUT1^^^^PI||Wang^Wu^^^^^L^A~王^五^^^^^L^I');
    expect(first).toContain('|第一行\\.br\\第二行\\F\\含竖线|');
    expect(first).toContain('|结论：正常 \\T\\ 无异常|');
    expect([first, second].map((text) => /\rOBR\|(.*)/.exec(text)?.[1]?.split('|')[24])).toEqual(['F', 'C']);
  });

  it('do not go back to the system they came from', async () => {
    const person = 'PID|1||BACK1^^^HIS^PI||Back^Again';
    const lines = [person, obr({ 3: 'BACK', 4: 'CT^CT', 18: 'ACC-BACK', 25: 'F' }), 'OBX|1|TX|X^X||Text'];
    expect(codeOf(await (await his()).send(message('ORU^R01^ORU_R01', 'BACK', lines, 'UNICODE UTF-8')))).toBe('AA');
    await eventually(() => received('BACK').length === 1);
    const all = [...(await outbox('waiting')), ...(await outbox('sent')), ...(await outbox('failed'))];
    const messages = await Promise.all(
      all
        .filter(({ receiver }) => receiver === 'HIS')
        .map(
          async ({ id }) => ((await (await node.fetch(`/api/his/outbox/${id}`)).json()) as { message: string }).message,
        ),
    );
    // Reports of others wait for the HIS, which cannot be reached here.
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.filter((text) => text.includes('ACC-BACK'))).toEqual([]);
  });

  it('are kept in the list of errors when the receiver does not want them, and sent again by hand', async () => {
    ris.answerWith = () => 'AE';
    expect((await deliver('OUT-B', '文本')).status).toBe(201);
    await eventually(async () => (await outbox('failed')).length === 1);
    const [failed] = await outbox('failed');
    expect(failed).toMatchObject({ receiver: 'RIS', error: 'AE' });
    ris.answerWith = () => 'AA';
    expect((await post(`/api/his/outbox/${failed?.id}/replay`, {})).status).toBe(202);
    await eventually(() => received('OUT-B').length === 2);
    await eventually(async () => (await outbox('failed')).length === 0);
  });
});

describe.skipIf(!corpusFolder)('messages of other systems (needs the corpus)', () => {
  const folder = join(corpusFolder ?? '', 'hl7');
  const files = (corpusFolder ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []).filter(
    (file) => file.endsWith('.hl7') && statSync(join(folder, file)).isFile(),
  );

  it.each(files)('%s is taken, or refused with a reason', async (file) => {
    const answer = await MllpClient.ask(port, readFileSync(join(folder, file)));
    const code = codeOf(answer);
    expect(['AA', 'CA', 'AE', 'CE', 'AR', 'CR']).toContain(code);
    if (!code.endsWith('A')) expect(answer?.toString('latin1')).toMatch(/\rERR\|/);
  });
});
