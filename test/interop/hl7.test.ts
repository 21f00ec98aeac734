import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusFolder } from '../tools/corpus.ts';
import { eventually } from '../tools/eventually.ts';
import { gb, Hl7Node, hl7Message, obr } from '../tools/hl7-node.ts';
import { codeOf, framed, MllpClient } from '../tools/mllp-client.ts';
import { MllpReceiver } from '../tools/mllp-receiver.ts';

let hl7: Hl7Node;
const ris = new MllpReceiver();

beforeAll(async () => {
  hl7 = await Hl7Node.start({
    receivers: [
      { name: 'RIS', host: '127.0.0.1', port: await ris.listen(), characterSet: 'GB18030' },
      { name: 'HIS', host: '127.0.0.1', port: 1 },
    ],
  });
});
afterAll(async () => {
  ris.close();
  await hl7.stop();
});

async function reportsOf(accession: string) {
  const response = await hl7.node.fetch(`/api/reports?accession=${accession}`);
  return ((await response.json()) as { reports: { versions?: unknown[]; text?: string; status?: string }[] }).reports;
}

describe('HL7 v2 over MLLP', () => {
  it('takes a patient, an order and a report in GB18030', async () => {
    const sender = await hl7.his();
    const person = 'PID|1||GB0001^^^HIS^PI||张^三^^^^^L^I~Zhang^San^^^^^L^A||19900101|M';
    const adt = await sender.send(
      gb(hl7Message('ADT^A01^ADT_A01', 'GB1', ['EVN|A01', person, 'PV1|1|I|呼吸内科^12^3'])),
    );
    expect(codeOf(adt)).toBe('AA');
    expect(iconv.decode(adt ?? Buffer.alloc(0), 'gb18030')).toContain('|PACS|放射科|HIS|协和医院|');
    const order = ['ORC|NW|REQ1', obr({ 2: 'REQ1', 4: 'CT0101^胸部CT平扫^LOCAL', 18: 'ACC-GB-1', 24: 'CT' })];
    expect(codeOf(await sender.send(gb(hl7Message('ORM^O01^ORM_O01', 'GB2', [person, ...order]))))).toBe('AA');
    const obx = ['OBX|1|TX|&GDT^检查所见||双肺纹理清晰\\.br\\未见\\T\\实变', 'OBX|2|TX|IMP^诊断意见||未见异常'];
    const report = [obr({ 2: 'REQ1', 3: 'R1', 4: 'CT0101^胸部CT平扫', 18: 'ACC-GB-1', 25: 'F' }), ...obx];
    expect(codeOf(await sender.send(gb(hl7Message('ORU^R01^ORU_R01', 'GB3', [person, ...report]))))).toBe('AA');
    await hl7.workedOff();
    expect((await hl7.inbox('&state=failed')).items).toEqual([]);
    expect(await hl7.isKnown('GB0001')).toBe(true);
    const found = JSON.stringify(await reportsOf('ACC-GB-1'));
    expect(found).toContain('双肺纹理清晰\\n未见&实变');
    expect(found).toContain('"conclusion":"未见异常"');
    expect(found).toContain('"name":"Zhang^San=张^三"');
  });

  it('takes the same message again without applying it again', async () => {
    const sender = await hl7.his();
    const text = hl7Message('ADT^A04^ADT_A01', 'SAME', ['EVN|A04', 'PID|1||SAME1^^^HIS^PI||李^四'], 'UNICODE UTF-8');
    expect(codeOf(await sender.send(text))).toBe('AA');
    expect(codeOf(await sender.send(text))).toBe('AA');
    expect((await hl7.inbox()).items.filter(({ controlId }) => controlId === 'SAME')).toHaveLength(1);
  });

  it('answers AE to content that cannot be used, keeps it whole, and applies it once it is corrected', async () => {
    const sender = await hl7.his();
    const text = hl7Message('ADT^A04^ADT_A01', 'WRONG', ['EVN|A04', 'PID|1||^^^HIS^PI||王^五'], 'UNICODE UTF-8');
    const answer = await sender.send(text);
    expect(codeOf(answer)).toBe('AE');
    expect(answer?.toString()).toMatch(/\rERR\|\|PID\^1\^3\|101\^/);
    const entry = (await hl7.inbox('&state=failed')).items.find(({ controlId }) => controlId === 'WRONG');
    expect(entry).toMatchObject({ location: 'PID-3', type: 'ADT^A04' });
    const whole = (await (await hl7.node.fetch(`/api/his/inbox/${entry?.id}`)).json()) as { message: string };
    expect(whole.message).toBe(text);
    expect((await hl7.post(`/api/his/inbox/${entry?.id}/replay`, { message: whole.message })).status).toBe(400);
    const corrected = whole.message.replace('||^^^HIS', '||MENDED1^^^HIS');
    expect((await hl7.post(`/api/his/inbox/${entry?.id}/replay`, { message: corrected })).status).toBe(202);
    await hl7.workedOff();
    expect(await hl7.isKnown('MENDED1')).toBe(true);
    expect((await hl7.post(`/api/his/inbox/${entry?.id}/replay`, {})).status).toBe(409);
  });

  it('puts what fails when it is applied into the list of errors, and goes on', async () => {
    const sender = await hl7.his();
    const person = (id: string) => `PID|1||${id}^^^HIS^PI||Case^Order`;
    const place = (control: string, id: string) =>
      hl7Message(
        'ORM^O01^ORM_O01',
        `OF-${id}-${control}`,
        [person(id), `ORC|${control}|REQ-OF`, obr({ 2: 'REQ-OF', 4: 'CT^CT', 18: 'ACC-OF' })],
        '',
      );
    expect(codeOf(await sender.send(place('NW', 'OF1')))).toBe('AA');
    expect(codeOf(await sender.send(place('XO', 'OF2')))).toBe('AA');
    expect(codeOf(await sender.send(place('XO', 'OF1')))).toBe('AA');
    await hl7.workedOff();
    const failed = (await hl7.inbox('&state=failed')).items.filter(({ controlId }) => controlId.startsWith('OF-'));
    expect(failed.map(({ controlId, location }) => [controlId, location])).toEqual([['OF-OF2-XO', 'PID-3']]);
    for (const { id } of failed) expect((await hl7.post(`/api/his/inbox/${id}/dismiss`, {})).status).toBe(200);
  });

  it('merges patients, once, and takes what still comes under the old number', async () => {
    const sender = await hl7.his();
    const [kept, old] = ['PID|1||KEPT1^^^HIS^PI||Kept^Name', 'PID|1||OLD1^^^HIS^PI||Old^Name'];
    const send = async (type: string, id: string, lines: string[]) =>
      expect(codeOf(await sender.send(hl7Message(type, id, lines, 'UNICODE UTF-8')))).toBe('AA');
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
    await hl7.workedOff();
    expect((await hl7.inbox('&state=failed')).items.filter(({ controlId }) => controlId.startsWith('MERGE'))).toEqual(
      [],
    );
    const found = await hl7.node.fetch('/api/patients?text=KEPT1&limit=10');
    const { items } = (await found.json()) as { items: { key: string; demographics: { name: string } }[] };
    expect(items.map(({ demographics }) => demographics.name)).toEqual(['Kept^Name']);
    const page = await (await hl7.node.fetch(`/api/patients/${items[0]?.key}`)).json();
    expect(JSON.stringify((page as { merged: unknown }).merged)).toContain('OLD1');
    expect(JSON.stringify((page as { orders: unknown }).orders)).toContain('MERGED-ORDER');
  });

  it('shows in a dry run what would be done, and does nothing', async () => {
    const response = await hl7.post('/api/his/dry-run', {
      connection: 'HIS',
      message: hl7Message('ADT^A40^ADT_A39', 'DRY40', [
        'EVN|A40',
        'PID|1||DRYA^^^HIS^PI||赵^六||1990|男',
        'MRG|DRYB^^^HIS^PI',
      ]),
    });
    const body = (await response.json()) as { steps: { action: { do: string } }[]; problems: { location: string }[] };
    expect(body.steps.map(({ action }) => action.do)).toEqual(['register', 'merge']);
    expect(body.problems.map(({ location }) => location)).toEqual(['PID-7']);
    expect(await hl7.isKnown('DRYA')).toBe(false);
  });

  it('reads messages with separators of their own', async () => {
    const text = [
      'MSH$%*!@$HIS$X$PACS$Y$20260101$$ADT%A04$SEP$P$2.3',
      'EVN$A04',
      'PID$1$$SEP1%%%HIS%PI$$Own%Separators',
      '',
    ].join('\r');
    expect(codeOf(await (await hl7.his()).send(text))).toBe('AA');
    await hl7.workedOff();
    expect(await hl7.isKnown('SEP1')).toBe(true);
  });

  it('answers messages sent without waiting, in their order', async () => {
    const sender = await MllpClient.open(hl7.port);
    const numbers = Array.from({ length: 300 }, (_, i) => `PIPE${i}`);
    sender.write(
      Buffer.concat(
        numbers.map((id) =>
          framed(hl7Message('ADT^A08^ADT_A01', id, ['EVN|A08', `PID|1||${id}^^^HIS^PI||Pipe^Line`], '')),
        ),
      ),
    );
    for (const id of numbers) expect((await sender.answer())?.toString()).toContain(`\rMSA|AA|${id}\r`);
    sender.close();
  });
});

describe('reports that go out', () => {
  const deliver = (externalId: string, text: string, status = 'reviewed') =>
    hl7.post('/api/reports', {
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
    const response = await hl7.node.fetch(`/api/his/outbox?state=${state}&limit=500`);
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
    expect(codeOf(await (await hl7.his()).send(hl7Message('ORU^R01^ORU_R01', 'BACK', lines, 'UNICODE UTF-8')))).toBe(
      'AA',
    );
    await eventually(() => received('BACK').length === 1);
    const all = [...(await outbox('waiting')), ...(await outbox('sent')), ...(await outbox('failed'))];
    const messages = await Promise.all(
      all
        .filter(({ receiver }) => receiver === 'HIS')
        .map(
          async ({ id }) =>
            ((await (await hl7.node.fetch(`/api/his/outbox/${id}`)).json()) as { message: string }).message,
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
    expect((await hl7.post(`/api/his/outbox/${failed?.id}/replay`, {})).status).toBe(202);
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
    const answer = await MllpClient.ask(hl7.port, readFileSync(join(folder, file)));
    const code = codeOf(answer);
    expect(['AA', 'CA', 'AE', 'CE', 'AR', 'CR']).toContain(code);
    if (!code.endsWith('A')) expect(answer?.toString('latin1')).toMatch(/\rERR\|/);
  });
});
