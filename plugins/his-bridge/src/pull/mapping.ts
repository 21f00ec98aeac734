import type { Demographics, Order, Patient, PatientIdentifier } from '@filmless/core/plugin';
import { z } from 'zod';

export type Row = Readonly<Record<string, unknown>>;

const column = z.string().min(1).max(128);
/** A column's name, or a column with the words of that system, or a value that is always the same. */
const fieldSchema = z.union([
  column,
  z.strictObject({
    column,
    values: z.record(z.string(), z.string()).describe('What its values mean here').optional(),
    otherwise: z.string().max(1024).describe('Of rows without a value, or with another').optional(),
  }),
  z.strictObject({ always: z.string().max(1024) }),
]);
type Field = z.infer<typeof fieldSchema>;

const fields = <const N extends string>(...names: readonly N[]) =>
  Object.fromEntries(names.map((name) => [name, fieldSchema.optional()])) as Record<
    N,
    z.ZodOptional<typeof fieldSchema>
  >;

const PATIENT_FIELDS = ['issuer', 'name', 'sex', 'birthDate', 'ward', 'room', 'bed'] as const;
const ORDER_FIELDS = [
  'issuer', 'fillerNumber', 'accessionNumber', 'status', 'procedureCode', 'procedureScheme', 'procedureText', 'modality', 'bodyPart', 'priority',
  'reason', 'requestedBy', 'requestingDepartment', 'orderedAt', 'scheduledAt', 'scheduledStation',
] as const; // biome-ignore format: one list

/** Which column is which value: the data that differs from one HIS to the next. */
export const mappingSchema = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('patients'), id: fieldSchema, ...fields(...PATIENT_FIELDS) }),
  z.strictObject({
    of: z.literal('orders'),
    placerNumber: fieldSchema,
    patientId: fieldSchema,
    ...fields(...ORDER_FIELDS),
  }),
]);
export type Mapping = z.infer<typeof mappingSchema>;

/** What a row becomes. */
export type Pulled =
  | {
      of: 'patient';
      identifier: PatientIdentifier;
      demographics: Demographics;
      location?: NonNullable<Patient['location']>;
    }
  | { of: 'order'; order: Partial<Order> & Pick<Order, 'placerNumber' | 'patient'> };

/** Why a row becomes nothing: names the value, never what it is. */
export class RowError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RowError';
  }
}

const SEXES: Readonly<Record<string, 'M' | 'F' | 'O'>> = {
  M: 'M', F: 'F', O: 'O', '1': 'M', '2': 'F', 男: 'M', 女: 'F', MALE: 'M', FEMALE: 'F', OTHER: 'O',
}; // biome-ignore format: one table
const STATUSES = ['ordered', 'scheduled', 'in-progress', 'completed', 'cancelled'] as const;
const PRIORITIES = ['routine', 'urgent', 'stat'] as const;
const LONGEST = 1024;

/** @throws RowError */
export function mapRow(mapping: Mapping, row: Row): Pulled {
  const columns = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
  const of = (name: string, field: Field | undefined) => textOf(name, field, columns);
  if (mapping.of === 'patients') {
    const id = required('id', of('id', mapping.id), 64);
    const [ward = '', room = '', bed = ''] = (['ward', 'room', 'bed'] as const).map((name) => of(name, mapping[name]));
    return {
      of: 'patient',
      identifier: { id, issuer: of('issuer', mapping.issuer) ?? '' },
      demographics: demographicsOf(mapping, of),
      ...(ward || room || bed ? { location: { ward, room, bed } } : {}),
    };
  }
  const text = <K extends (typeof ORDER_FIELDS)[number]>(name: K) => of(name, mapping[name]);
  const patient = { id: required('patientId', of('patientId', mapping.patientId), 64), issuer: text('issuer') ?? '' };
  const [code, scheme, words] = [text('procedureCode'), text('procedureScheme'), text('procedureText')];
  const same = (
    [
      'fillerNumber',
      'accessionNumber',
      'modality',
      'bodyPart',
      'reason',
      'requestedBy',
      'requestingDepartment',
      'scheduledStation',
    ] as const
  )
    .map((name) => [name, text(name)] as const)
    .filter(([, value]) => value !== undefined);
  const moments = (['orderedAt', 'scheduledAt'] as const)
    .map((name) => [name, momentOf(name, text(name))] as const)
    .filter(([, value]) => value !== undefined);
  const [status, priority] = [
    oneOf('status', text('status'), STATUSES),
    oneOf('priority', text('priority'), PRIORITIES),
  ];
  return {
    of: 'order',
    order: {
      placerNumber: required('placerNumber', of('placerNumber', mapping.placerNumber), 64),
      patient,
      ...Object.fromEntries([...same, ...moments]),
      ...(code !== undefined || words !== undefined
        ? { procedure: { code: code ?? '', scheme: scheme ?? '', text: words ?? '' } }
        : {}),
      ...(status ? { status } : {}),
      ...(priority ? { priority } : {}),
    },
  };
}

/** Names the person or the order a row is about, also of a row that is wrong elsewhere; undefined when that cannot be told. */
export function subjectOf(mapping: Mapping, row: Row): string | undefined {
  const columns = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
  try {
    const [name, field] =
      mapping.of === 'patients' ? (['id', mapping.id] as const) : (['placerNumber', mapping.placerNumber] as const);
    const issuer = mapping.of === 'patients' ? (textOf('issuer', mapping.issuer, columns) ?? '') : '';
    return JSON.stringify([mapping.of, issuer, required(name, textOf(name, field, columns), 64)]);
  } catch (error) {
    if (error instanceof RowError) return undefined;
    throw error;
  }
}

function demographicsOf(
  mapping: Extract<Mapping, { of: 'patients' }>,
  of: (name: string, field: Field | undefined) => string | undefined,
): Demographics {
  const [name, sex, birthDate] = [of('name', mapping.name), of('sex', mapping.sex), of('birthDate', mapping.birthDate)];
  const known = sex === undefined ? undefined : SEXES[sex.toUpperCase()];
  if (sex !== undefined && known === undefined) throw new RowError('sex: give `values` for what this system writes');
  return {
    ...(name === undefined ? {} : { name: personName(name) }),
    ...(known === undefined ? {} : { sex: known }),
    ...(birthDate === undefined ? {} : { birthDate: dateOf(birthDate) }),
  };
}

/** A PN as it is; a Chinese name as the ideographic group, another as the alphabetic one. @dicom PS3.5 6.2 */
function personName(text: string): string {
  const plain = text.replaceAll(/\p{Cc}|\\/gu, ' ').trim();
  if (plain.split(/[=^]/).some((part) => part.length > 64)) throw new RowError('name: longer than 64 characters');
  return !plain.includes('=') && /\p{Script=Han}/u.test(plain) ? `=${plain}` : plain;
}

function dateOf(text: string): string {
  const parts = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:$|[T ])/.exec(text);
  const [year, month, day] = (parts?.slice(1) ?? []).map(Number) as [number, number, number];
  const at = new Date(Date.UTC(year, month - 1, day));
  if (!parts || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day)
    throw new RowError('birthDate: not a date such as 1970-01-31');
  return `${parts[1]}${parts[2]}${parts[3]}`;
}

/** Without a time zone: this node's. */
function momentOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text.replace(/^(\d{4}-\d{2}-\d{2})$/, '$1T00:00:00').replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T'));
  if (Number.isNaN(at.getTime())) throw new RowError(`${name}: not a time such as 2026-01-31 08:00:00`);
  return at.toISOString();
}

function oneOf<const T extends string>(name: string, text: string | undefined, allowed: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = allowed.find((one) => one === text);
  if (!found)
    throw new RowError(`${name}: give \`values\` for what this system writes; here it is one of ${allowed.join(', ')}`);
  return found;
}

function required(name: string, text: string | undefined, most: number): string {
  if (text === undefined) throw new RowError(`${name}: the row has none`);
  if (text.length > most) throw new RowError(`${name}: longer than ${most} characters`);
  return text;
}

/** Undefined where the row has no value: what is not said is left as it is. */
function textOf(name: string, field: Field | undefined, columns: ReadonlyMap<string, unknown>): string | undefined {
  if (field === undefined) return undefined;
  if (typeof field === 'object' && 'always' in field) return field.always;
  const {
    column: from,
    values,
    otherwise,
  } = typeof field === 'string' ? { column: field, values: undefined, otherwise: undefined } : field;
  if (!columns.has(from.toLowerCase())) throw new RowError(`${name}: there is no column ${from}`);
  const raw = plain(name, columns.get(from.toLowerCase()));
  const text =
    values && raw !== undefined ? (Object.hasOwn(values, raw) ? values[raw] : otherwise) : (raw ?? otherwise);
  if (values && raw !== undefined && text === undefined)
    throw new RowError(`${name}: a value that \`values\` does not have`);
  if (text !== undefined && text.length > LONGEST) throw new RowError(`${name}: longer than ${LONGEST} characters`);
  return text;
}

/** What drivers and JSON give for a cell. */
export function plain(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  throw new RowError(`${name}: neither text, number nor date`);
}
