import { describe, expect, it } from 'vitest';
import { configSchema } from '../config.ts';
import { defaultMapping } from './default-mapping.ts';
import { MessageError } from './errors.ts';
import { type MappingChanges, withChanges } from './mapping.ts';
import { readText } from './message.ts';
import { planMessage } from './plan.ts';
import type { Plan, Sender } from './planning.ts';

const HIS: Sender = { name: 'HIS', patientNumbers: 'own' };
const PERSON = 'PID|1||P1^^^HIS^PI~110101199001011234^^^公安^NI||张^三^^^^^L^I~Zhang^San^^^^^L^A||19900101|M';

function plan(type: string, lines: readonly string[], changes: MappingChanges = {}, sender = HIS): Plan {
  const text = [`MSH|^~\\&|HIS|A|PACS|B|20260102093000+0800||${type}|M1|P|2.5.1`, ...lines].join('\r');
  return planMessage(readText(text), withChanges(defaultMapping, changes), sender);
}
const fields = (name: string, values: Readonly<Record<number, string>>) =>
  `${name}|${Array.from({ length: 50 }, (_, i) => values[i + 1] ?? '').join('|')}`;
function refusal(make: () => unknown): MessageError {
  try {
    make();
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('patients', () => {
  it('are registered with the forms of their name, and never under a number of another kind', () => {
    const { actions } = plan('ADT^A01', [PERSON, 'PV1|1|I|呼吸内科^12^3']);
    expect(actions).toEqual([
      {
        do: 'register',
        identifiers: [
          { id: 'P1', issuer: '' },
          { id: 'P1', issuer: 'HIS' },
        ],
        demographics: { name: 'Zhang^San=张^三', sex: 'M', birthDate: '19900101' },
        location: { ward: '呼吸内科', room: '12', bed: '3' },
      },
    ]);
  });

  it('of another hospital count with their issuer alone', () => {
    const { actions } = plan('ADT^A04', [PERSON], {}, { name: 'B', patientNumbers: 'named' });
    expect(actions[0]).toMatchObject({ identifiers: [{ id: 'P1', issuer: 'HIS' }] });
  });

  it('leave their bed when the admission is cancelled', () => {
    expect(plan('ADT^A11', [PERSON]).actions[0]).toMatchObject({ location: { ward: '', room: '', bed: '' } });
  });

  it.each([
    ['张三', '=张三'],
    ['ZHANG^SAN', 'ZHANG^SAN'],
    ['EVERYMAN&&&&Aniston^ADAM^A^III^Dr.^MD^L', 'EVERYMAN^ADAM^A^Dr.^III'],
    ['欧阳^修^^^^^L^I~OUYANG^XIU^^^^^L^A~ōuyáng^xiū^^^^^L^P', 'OUYANG^XIU=欧阳^修=ōuyáng^xiū'],
    ['Nick^^^^^^N~Legal^Name^^^^^L', 'Legal^Name'],
    ['A\\S\\B^C=D', 'A B^C D'],
  ])('named %s in PID-5 are %s in DICOM', (given, expected) => {
    const { actions } = plan('ADT^A08', [`PID|1||P1^^^HIS^PI||${given}`]);
    expect(actions[0]).toMatchObject({ demographics: { name: expected } });
  });

  it('are merged from MRG-1 into PID-3, and are both held up together', () => {
    const { actions, patients } = plan('ADT^A40', [PERSON, 'MRG|P0^^^HIS^PI']);
    expect(actions[1]).toMatchObject({ do: 'merge', from: { id: 'P0', issuer: '' }, into: { id: 'P1', issuer: '' } });
    expect(patients).toEqual(['P1', 'P0']);
    expect(refusal(() => plan('ADT^A40', [PERSON, 'MRG|P1^^^HIS^PI']))).toMatchObject({
      answer: 'AE',
      location: 'MRG-1',
    });
  });
});

describe('orders', () => {
  it('of one message are placed each for itself', () => {
    const order = (number: string) => [
      `ORC|NW|${number}`,
      fields('OBR', { 2: number, 4: 'CT01^胸部CT^L', 18: `ACC${number}`, 24: 'CT' }),
    ];
    const { actions } = plan('ORM^O01', [PERSON, ...order('1'), ...order('2')]);
    expect(actions.slice(1)).toMatchObject([
      {
        order: { placerNumber: '1', accessionNumber: 'ACC1', modality: 'CT', procedure: { text: '胸部CT' } },
        initialStatus: 'ordered',
      },
      { order: { placerNumber: '2', accessionNumber: 'ACC2' } },
    ]);
  });

  it.each([
    ['CA', '', 'cancelled'],
    ['SC', 'IP', 'in-progress'],
    ['SC', 'CM', 'completed'],
  ])('with ORC-1 %s and ORC-5 %s become %s', (control, status, expected) => {
    const { actions } = plan('ORM^O01', [PERSON, fields('ORC', { 1: control, 2: 'R1', 5: status })]);
    expect(actions[1]).toMatchObject({ do: 'order-status', placerNumber: 'R1', status: expected });
  });

  it('are scheduled by SIU, in the time zone that is named', () => {
    const { actions } = plan('SIU^S12', [
      'SCH|A1',
      'TQ1|1||||||20260103080000+0800',
      PERSON,
      fields('AIS', { 3: 'CT01^胸部CT' }),
    ]);
    expect(actions[1]).toMatchObject({
      order: { placerNumber: 'A1', scheduledAt: '2026-01-03T00:00:00.000Z' },
      initialStatus: 'scheduled',
    });
    expect(plan('SIU^S15', ['SCH|A1', PERSON]).actions[1]).toMatchObject({ do: 'order-status', status: 'cancelled' });
  });
});

describe('reports', () => {
  const obr = (status: string) => fields('OBR', { 3: 'R1', 4: 'CT01^胸部CT', 18: 'ACC1', 25: status, 32: '7&李&四' });
  const pdf = Buffer.from('%PDF-1.7 test').toString('base64');

  it.each([
    ['P', 'reported'],
    ['F', 'reviewed'],
    ['C', 'amended'],
    ['X', 'cancelled'],
  ])('with OBR-25 %s are %s', (code, status) => {
    expect(plan('ORU^R01', [PERSON, obr(code), 'OBX|1|TX|A||Text']).actions).toMatchObject([
      { report: { status, author: '李四' } },
    ]);
  });

  it('have their text, conclusion and file from OBX', () => {
    const lines = [
      'OBX|1|TX|A||一~二',
      'OBX|2|FT|IMP^诊断意见||三\\.br\\四',
      `OBX|3|ED|P||^application^pdf^Base64^${pdf}`,
    ];
    expect(plan('MDM^T02', [PERSON, obr('F'), ...lines]).actions).toMatchObject([
      { report: { text: '一\n二', conclusion: '三\n四', accessionNumber: 'ACC1' }, pdfBase64: pdf },
    ]);
    const wrong = `OBX|1|ED|P||^application^pdf^Base64^${Buffer.from('<html>').toString('base64')}`;
    expect(refusal(() => plan('ORU^R01', [PERSON, obr('F'), wrong]))).toMatchObject({ location: 'OBX-5' });
  });

  it('say themselves apart when a control ID is used twice', () => {
    const id = (text: string) => {
      const [action] = plan('ORU^R01', [PERSON, obr('F'), `OBX|1|TX|A||${text}`]).actions;
      return action?.do === 'deliver-report' ? action.report.source.messageId : undefined;
    };
    expect(id('one')).not.toBe(id('two'));
    expect(id('one')).toBe(id('one'));
  });
});

describe('mapping', () => {
  it('of a connection puts its values over the default', () => {
    const changes = { order: { accessionNumber: ['OBR-20'] }, values: { reportStatus: { 已审: 'reviewed' as const } } };
    const order = [PERSON, 'ORC|NW|1', fields('OBR', { 2: '1', 18: 'WRONG', 20: 'RIGHT' })];
    expect(plan('ORM^O01', order, changes).actions[1]).toMatchObject({ order: { accessionNumber: 'RIGHT' } });
    const report = [PERSON, fields('OBR', { 20: 'X', 18: 'ACC', 25: '已审' }), 'OBX|1|TX|A||T'];
    expect(plan('ORU^R01', report, changes).actions[0]).toMatchObject({ report: { status: 'reviewed' } });
  });

  it('with a wrong path is refused, and the path is named', () => {
    const mapping = { order: { accessionNumber: ['OBR18'] } };
    const parsed = configSchema.safeParse({ hl7: { connections: [{ name: 'HIS', address: '10.0.0.1', mapping }] } });
    expect(parsed.error?.issues[0]).toMatchObject({
      path: ['hl7', 'connections', 0, 'mapping', 'order', 'accessionNumber', 0],
      message: expect.stringContaining('OBR18 is no path') as string,
    });
  });

  it('that knows neither type nor event refuses them as HL7 says', () => {
    expect(refusal(() => plan('DFT^P03', [PERSON]))).toMatchObject({ answer: 'AR', code: 200 });
    expect(refusal(() => plan('ADT^A60', [PERSON]))).toMatchObject({ answer: 'AR', code: 201 });
  });
});
