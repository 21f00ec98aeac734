import { z } from 'zod';

const secret = z.string().min(1).max(2048);

export const configSchema = z.strictObject({
  bucket: z.string().min(3).max(63).optional().describe('The bucket, which must be there; needed with storage.use: s3'),
  prefix: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'names joined by /, without one at either end')
    .default('filmless')
    .describe('Begin of all keys; nodes with one catalogue share it, others have one of their own'),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of the object store; Amazon S3 of the region when absent'),
  region: z.string().min(1).default('us-east-1'),
  forcePathStyle: z
    .boolean()
    .default(true)
    .describe('The bucket in the path instead of the host name, as most stores beside Amazon want it'),
  credentials: z
    .strictObject({ accessKeyId: secret, secretAccessKey: secret, sessionToken: secret.optional() })
    .optional()
    .describe('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of the machine, when absent'),
  stagingDirectory: z
    .string()
    .min(1)
    .optional()
    .describe('Folder on this machine where objects arrive; `storage-s3` in the data folder when absent'),
  freeSpaceFloorGiB: z
    .number()
    .min(0)
    .default(2)
    .describe('Nothing is taken when less than this would stay free where objects arrive'),
  maxAttempts: z.number().int().min(1).max(20).default(5).describe('Tries of a request, with growing pauses between'),
});

export type S3Config = z.infer<typeof configSchema>;
