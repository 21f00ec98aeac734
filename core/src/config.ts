import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { FilmlessError } from './errors.ts';
import { LOG_LEVELS } from './log.ts';
import { oidcSettingsSchema } from './security/oidc-sign-in.ts';

const port = z.number().int().min(0).max(65_535);

/** `filmless.yaml`. Unknown keys are errors: a misspelt setting must not pass for a set one. */
export const configSchema = z.strictObject({
  name: z.string().min(1).max(64).default('filmless').describe('Name of this node, shown to staff and written to logs'),
  data: z.string().min(1).default('./data').describe('Folder for everything this node keeps'),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(8080),
      tls: z
        .strictObject({
          cert: z.string().min(1).describe('PEM file of the certificate with its chain; read again when it changes'),
          key: z.string().min(1).describe('PEM file of its key'),
        })
        .optional()
        .describe('HTTPS; plain HTTP when absent, for a reverse proxy in front'),
      publicUrl: z
        .url()
        .optional()
        .describe('How browsers reach this node, when it is not host and port, e.g. behind a reverse proxy'),
      trustProxy: z
        .union([z.boolean(), z.array(z.string())])
        .default(false)
        .describe(
          'Believe X-Forwarded-* of the reverse proxy in front: its addresses or networks; true believes anyone',
        ),
      corsOrigins: z
        .array(z.url())
        .default([])
        .describe('Origins whose pages may ask with tokens of their own, e.g. https://his.hospital'),
    })
    .prefault({}),
  dicom: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(11_112),
      aeTitle: z
        .string()
        .trim()
        .min(1)
        .max(16)
        .regex(/^[\x20-\x5b\x5d-\x7e]+$/, 'letters, digits and signs of ASCII, no backslash')
        .default('FILMLESS'),
      accept: z
        .enum(['known', 'any'])
        .default('known')
        .describe('known: unknown devices are refused and listed for approval'),
    })
    .prefault({}),
  security: z
    .strictObject({
      embed: z
        .strictObject({
          maxTtlSeconds: z
            .number()
            .int()
            .min(10)
            .max(3600)
            .default(900)
            .describe('Longest life of a token for a page of another system'),
        })
        .prefault({}),
      shares: z
        .strictObject({
          enabled: z.boolean().default(true).describe('Studies may be shared by link with people without an account'),
          maxDays: z.number().int().min(1).max(30).default(30).describe('Longest life of a shared link'),
        })
        .prefault({}),
      passwords: z
        .strictObject({
          minLength: z.number().int().min(8).max(64).default(8),
          minKinds: z
            .number()
            .int()
            .min(1)
            .max(4)
            .default(1)
            .describe('Of small letters, capitals, digits and other signs'),
        })
        .prefault({}),
      sessions: z
        .strictObject({
          idleMinutes: z.number().int().min(1).max(1440).default(30).describe('Ends after so long without a request'),
          absoluteHours: z.number().int().min(1).max(168).default(12).describe('Ends after so long, whatever happens'),
          sameSite: z
            .enum(['strict', 'lax'])
            .default('strict')
            .describe('lax: links from pages of other sites arrive signed in'),
        })
        .prefault({}),
      oidc: oidcSettingsSchema.optional().describe('Sign-in with the OpenID Connect provider of the hospital'),
      emergency: z
        .strictObject({
          lastsMinutes: z
            .number()
            .int()
            .min(5)
            .max(1440)
            .default(60)
            .describe('How long a patient opened in an emergency stays open'),
        })
        .prefault({}),
    })
    .prefault({}),
  audit: z
    .strictObject({
      syslog: z
        .strictObject({
          host: z.string().min(1),
          port: port.default(6514),
          ca: z.string().optional().describe('PEM file of who signed the certificate of the server'),
          cert: z.string().optional().describe('PEM file of our certificate, for a server that asks for one'),
          key: z.string().optional().describe('PEM file of its key'),
        })
        .optional()
        .describe('Also sends the audit log to a syslog server over TLS, as DICOM audit messages'),
    })
    .prefault({}),
  catalogue: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('A CouchDB; embedded when absent'),
    })
    .prefault({}),
  storage: z
    .strictObject({
      use: z.string().default('file-system').describe('Key of the Storage point'),
    })
    .prefault({}),
  index: z.strictObject({ use: z.string().default('sqlite').describe('Key of the QueryIndex point') }).prefault({}),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
  pluginModules: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Plugins beside the shipped ones: paths from the working folder, or package names; the module's default export is the plugin",
    ),
  disabledPlugins: z.array(z.string()).default([]),
  plugins: z.record(z.string(), z.unknown()).default({}).describe("A plugin's configuration by its id"),
});

export type NodeConfig = z.infer<typeof configSchema>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables and the path of the setting each overrides. */
const OVERRIDES: readonly { variable: string; path: readonly string[]; number?: boolean }[] = [
  { variable: 'FILMLESS_DATA', path: ['data'] },
  { variable: 'FILMLESS_HTTP_HOST', path: ['http', 'host'] },
  { variable: 'FILMLESS_HTTP_PORT', path: ['http', 'port'], number: true },
  { variable: 'FILMLESS_DICOM_PORT', path: ['dicom', 'port'], number: true },
  { variable: 'FILMLESS_DICOM_HOST', path: ['dicom', 'host'] },
  { variable: 'FILMLESS_AET', path: ['dicom', 'aeTitle'] },
  { variable: 'FILMLESS_DIMSE_ACCEPT', path: ['dicom', 'accept'] },
  { variable: 'FILMLESS_CATALOGUE_URL', path: ['catalogue', 'url'] },
  { variable: 'FILMLESS_LOG_LEVEL', path: ['log', 'level'] },
];

/**
 * Reads `filmless.yaml` (or `FILMLESS_CONFIG`) and the environment over it.
 * @throws CONFIG_INVALID naming each wrong key or value with its path and what is allowed
 */
export async function loadConfig(environment: Environment, file?: string): Promise<NodeConfig> {
  const path = file ?? environment['FILMLESS_CONFIG'];
  const raw = await readYaml(path ?? 'filmless.yaml', path !== undefined);
  return parseConfig(raw, environment, path ?? 'filmless.yaml');
}

/** Checks a configuration already read; see {@link loadConfig}. */
export function parseConfig(raw: unknown, environment: Environment = {}, source = 'configuration'): NodeConfig {
  const merged = raw === null || raw === undefined ? {} : structuredClone(raw);
  if (!isObject(merged))
    throw new FilmlessError('CONFIG_INVALID', `${source}: the top level must be a map of settings`);
  for (const { variable, path, number } of OVERRIDES) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    setAt(merged, path, number ? numberOrText(text) : text);
  }
  const parsed = configSchema.safeParse(merged);
  if (parsed.success) return { ...parsed.data, data: resolve(parsed.data.data) };
  const problems = parsed.error.issues.map((issue) => {
    const where = issue.path.join('.') || '(top level)';
    const variable = OVERRIDES.find(({ path }) => path.join('.') === where)?.variable;
    const origin = variable && environment[variable] ? ` (from ${variable})` : '';
    return `${where}${origin}: ${issue.message}`;
  });
  throw new FilmlessError('CONFIG_INVALID', `${source}\n${problems.join('\n')}`);
}

async function readYaml(path: string, required: boolean): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new FilmlessError('CONFIG_INVALID', `${path} cannot be read`, { cause: error });
  }
  try {
    return parse(text);
  } catch (error) {
    throw new FilmlessError('CONFIG_INVALID', `${path}: ${error instanceof Error ? error.message : 'not YAML'}`, {
      cause: error,
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const child = isObject(target[head]) ? target[head] : {};
  target[head] = child;
  setAt(child, rest, value);
}

function numberOrText(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
