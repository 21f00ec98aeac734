import { z } from 'zod';
import { fhirConfig } from './fhir/context.ts';
import { CHARACTER_SETS } from './hl7/character-sets.ts';
import { mappingChangesSchema } from './hl7/mapping.ts';
import { ORDER_MESSAGES } from './hl7/order-message.ts';
import { pullConfig } from './pull/config.ts';

const port = z.number().int().min(0).max(65_535);
const ms = (defaultMs: number) => z.number().int().min(10).max(86_400_000).default(defaultMs);
const name = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_.-]{1,32}$/, '1 to 32 letters, digits, _ . -');

const connectionSchema = z.strictObject({
  name: name.describe('Names the system in orders, reports and lists'),
  address: z.string().trim().min(1).max(64).describe('Address it calls from'),
  characterSet: z.enum(CHARACTER_SETS).optional().describe('Of messages that do not say theirs in MSH-18'),
  patientNumbers: z
    .enum(['own', 'named'])
    .default('own')
    .describe(
      "own: PID-3 are this hospital's numbers, as devices send them; named: they count together with their issuer alone",
    ),
  mapping: mappingChangesSchema
    .optional()
    .describe('Where this system puts its values, where it differs from the default'),
});

const receiverSchema = z.strictObject({
  name,
  host: z.string().trim().min(1).max(253),
  port: port.min(1),
  characterSet: z.enum(CHARACTER_SETS).default('UTF-8'),
  application: z.string().max(180).default('').describe('MSH-5'),
  facility: z.string().max(180).default('').describe('MSH-6'),
  orderStatus: z
    .enum(['own', 'all', 'none'])
    .default('own')
    .describe(
      'Of which orders it is told the status: of those that the connection of the same name placed, of all, or of none',
    ),
  orderMessage: z.enum(ORDER_MESSAGES).default('ORM^O01').describe('The message that tells it'),
  tls: z
    .strictObject({ ca: z.string().optional() })
    .optional()
    .describe('Sent over TLS; ca: PEM file of who signs its certificate'),
});
export type ReceiverSettings = z.infer<typeof receiverSchema>;

const haveOwnNames = (list: readonly { name: string }[]) => new Set(list.map((one) => one.name)).size === list.length;

const hl7Schema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: port
    .prefault(() => Number(process.env['FILMLESS_HL7_PORT'] ?? 2575))
    .describe('0: any free port. Nothing listens as long as no connection is known'),
  accept: z
    .enum(['known', 'any'])
    .default('known')
    .describe('any: unknown addresses are taken too, as the system `any`'),
  connections: z
    .array(connectionSchema)
    .max(1000)
    .default([])
    .refine(haveOwnNames, 'two connections have the same name'),
  receivers: z.array(receiverSchema).max(100).default([]).refine(haveOwnNames, 'two receivers have the same name'),
  mapping: mappingChangesSchema.optional().describe('For all connections'),
  tls: z
    .strictObject({
      cert: z.string().min(1),
      key: z.string().min(1),
      ca: z.string().optional().describe('Clients must show a certificate of this authority'),
    })
    .optional()
    .describe('MLLP over TLS in place of plain TCP'),
  sendingApplication: z.string().max(180).default('FILMLESS').describe('MSH-3 of what is sent'),
  sendingFacility: z.string().max(180).default('').describe('MSH-4 of what is sent'),
  keepDays: z.number().int().min(1).max(3650).default(30).describe('Messages that are done with'),
  limits: z
    .strictObject({
      maxConnections: z.number().int().min(1).max(10_000).default(200),
      maxConnectionsPerAddress: z.number().int().min(1).max(10_000).default(50),
      maxMessageBytes: z.number().int().min(1024).max(104_857_600).default(5_242_880),
      idleTimeoutMs: ms(3_600_000).describe('Between two messages'),
      messageTimeoutMs: ms(30_000).describe('From the beginning of a message to its end'),
      answerTimeoutMs: ms(30_000).describe('For the answer of a receiver'),
    })
    .prefault({}),
});
export type Hl7Config = z.infer<typeof hl7Schema>;

export const configSchema = z.strictObject({ hl7: hl7Schema.prefault({}), fhir: fhirConfig, pull: pullConfig });
export type HisBridgeConfig = z.infer<typeof configSchema>;
