import { z } from 'zod';

const minSeverity = z
  .enum(['warning', 'critical'])
  .default('warning')
  .describe('Warnings too, or critical alarms alone');
const language = z.enum(['zh-CN', 'en']).default('zh-CN');

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1|\[::1\])$/.test(host);

const webhookSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'small letters, digits, hyphens')
    .default('webhook'),
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), 'https, unless it is this machine')
    .describe('Told with POST and a JSON body'),
  secret: z
    .string()
    .min(16)
    .describe(
      'Known to the receiver too: X-Filmless-Signature is HMAC-SHA256 with it, so that nobody else can raise alarms there',
    ),
  ca: z.string().min(1).optional().describe('PEM file of who signed the certificate of the receiver'),
  minSeverity,
});
export type WebhookSettings = z.infer<typeof webhookSchema>;

const mailSchema = z
  .strictObject({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535).default(465),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .default('tls')
      .describe('tls from the start (465), starttls (587), none for a relay inside the hospital (25)'),
    user: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    ca: z.string().min(1).optional().describe('PEM file of who signed the certificate of the server'),
    from: z.email(),
    to: z.array(z.email()).min(1),
    language,
    minSeverity,
  })
  .refine(({ host, security, password }) => security !== 'none' || password === undefined || isLoopback(host), {
    path: ['security'],
    message: 'a password is not sent without TLS',
  });
export type MailSettings = z.infer<typeof mailSchema>;

export const configSchema = z.strictObject({
  webhooks: z
    .array(webhookSchema)
    .default([])
    .refine((hooks) => new Set(hooks.map(({ name }) => name)).size === hooks.length, 'each needs a name of its own'),
  mail: mailSchema.optional(),
});
