import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** @dicom PS3.5 6.2 (AE) */
export const aeTitleSchema = z
  .string()
  .trim()
  .regex(/^[\x20-\x5b\x5d-\x7e]{1,16}$/, '1 to 16 ASCII characters, no backslash');

/** Defined terms joined by backslashes; those that can be written as well. @dicom PS3.3 C.12.1.1.2 */
export const characterSetSchema = z.enum(['ISO_IR 192', 'GB18030', 'GBK', '\\ISO 2022 IR 58', 'ISO_IR 100']);

const uidSchema = z.string().regex(/^[0-9.]{3,64}$/, 'a DICOM UID');
const portSchema = z.number().int().min(1).max(65_535);

export const deviceSchema = z.strictObject({
  aeTitle: aeTitleSchema,
  address: z
    .string()
    .trim()
    .max(253)
    .default('')
    .describe('Host name or address; where the device is reached, and where it must call from'),
  port: portSchema.default(104).describe('Where the device listens'),
  title: z.string().trim().max(100).default(''),
  department: z.string().trim().max(64).default(''),
  characterSet: characterSetSchema
    .optional()
    .describe('Assumed where the device declares none or a wrong one, and written in answers to it'),
  checkAddress: z.boolean().default(true).describe('Refuse the AE title from another address than `address`'),
  maxAssociations: z.number().int().min(1).max(1000).optional(),
  tls: z
    .strictObject({
      certificate: z
        .string()
        .regex(/^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/, 'SHA-256 as AA:BB:…')
        .optional()
        .describe(
          'SHA-256 of its certificate: the AE title is taken from nobody else, and nothing is sent to anybody else',
        ),
    })
    .optional()
    .describe('Called, and taken from, over TLS alone'),
  departments: z
    .array(z.string().trim().min(1).max(64))
    .max(100)
    .optional()
    .describe('Whose studies it may find and fetch; all when absent'),
  capabilities: z
    .strictObject({
      store: z.boolean().default(true),
      find: z.boolean().default(false),
      retrieve: z.boolean().default(false),
    })
    .prefault({})
    .describe('What may be asked of it: to store what we send, to answer queries, to send what we retrieve'),
});
export type DeviceSettings = z.infer<typeof deviceSchema>;

const ms = (defaultMs: number) => z.number().int().min(10).max(86_400_000).default(defaultMs);

export const limitsSchema = z.strictObject({
  maxPduBytes: z
    .number()
    .int()
    .min(16_384)
    .max(1_048_576)
    .default(131_072)
    .describe('Announced to peers; larger PDUs abort the association'),
  maxAssociations: z.number().int().min(1).max(10_000).default(100),
  maxAssociationsPerDevice: z.number().int().min(1).max(10_000).default(20),
  maxAssociationsPerMinute: z.number().int().min(1).max(1_000_000).default(1200).describe('From one address'),
  maxIdentifierBytes: z.number().int().min(1024).max(67_108_864).default(4_194_304),
  associateTimeoutMs: ms(30_000),
  idleTimeoutMs: ms(60_000),
  silenceTimeoutMs: ms(30_000).describe('Inside a message'),
  minBytesPerSpan: z
    .number()
    .int()
    .min(1)
    .max(1_048_576)
    .default(1024)
    .describe('That must come within silenceTimeoutMs inside a message'),
  sendTimeoutMs: ms(60_000).describe('The peer does not read'),
  responseTimeoutMs: ms(60_000).describe('The peer does not answer'),
  connectTimeoutMs: ms(10_000),
  closeTimeoutMs: ms(2000),
  drainTimeoutMs: ms(5000).describe('For associations at work when the node stops'),
});
export type Limits = z.infer<typeof limitsSchema>;

export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: z.number().int().min(0).max(65_535).default(11_112).describe('0: any free port'),
  aeTitle: aeTitleSchema.optional().describe("The node's, when absent"),
  accept: z
    .enum(['known', 'any'])
    .default('known')
    .describe('known: unknown devices are refused and listed for approval'),
  tls: z
    .strictObject({
      port: portSchema.default(2762).describe('Beside the plain one'),
      cert: z.string().min(1).describe('PEM file of the certificate with its chain; read again when it changes'),
      key: z.string().min(1).describe('PEM file of its key'),
      ca: z
        .string()
        .optional()
        .describe('PEM file of who signs the certificates of devices; the usual authorities when absent'),
      clientCertificate: z
        .enum(['asked', 'required'])
        .default('required')
        .describe('required: a device without a certificate of that authority is not let in'),
    })
    .optional()
    .describe('DICOM over TLS, by BCP 195'),
  calledAeTitle: z.enum(['own', 'any']).default('own').describe('any: associations for other AE titles are taken too'),
  workers: z
    .number()
    .int()
    .min(0)
    .max(16)
    .default(() => Math.min(2, availableParallelism()))
    .describe('Receiving threads; 0: receive on the main thread'),
  devices: z
    .array(deviceSchema)
    .default([])
    .refine(
      (devices) => new Set(devices.map((device) => device.aeTitle)).size === devices.length,
      'two devices have the same AE title',
    ),
  storage: z
    .strictObject({
      sopClasses: z.array(uidSchema).default([]).describe('Accepted besides those of the standard, e.g. private ones'),
      transferSyntaxes: z
        .array(uidSchema)
        .default([])
        .describe('Accepted besides those of the standard, e.g. private ones'),
    })
    .prefault({}),
  query: z.strictObject({ maxResults: z.number().int().min(1).max(1_000_000).default(10_000) }).prefault({}),
  limits: limitsSchema.prefault({}),
});
export type DimseConfig = z.infer<typeof configSchema>;
