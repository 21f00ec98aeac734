import { z } from 'zod';

/** `plugins.dicomweb` of filmless.yaml. Sizes in MiB, times in milliseconds. */
export const dicomwebConfig = z
  .strictObject({
    /** Where clients reach this node, for URLs in answers: `https://pacs.hospital`. Without it, what the client used. */
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    /** QIDO-RS answers at most so many matches; a longer result carries a Warning header. */
    maxResults: z.int().min(1).max(100_000).default(10_000),
    /** Threads that decode and render pixels. */
    decodeWorkers: z.int().min(1).max(16).default(2),
    /** A decoder that takes longer is ended, and its request fails. */
    decodeTimeoutMs: z.int().min(100).max(600_000).default(30_000),
    /** Frames waiting for a decoder; more are refused with UNAVAILABLE. */
    decodeQueueLimit: z.int().min(1).max(10_000).default(256),
    /** JavaScript heap of one decoder thread. */
    decodeHeapMiB: z.int().min(64).max(8192).default(512),
    /** No frame larger than this, decoded, is touched. */
    maxFrameMiB: z.int().min(1).max(2047).default(512),
    /** On disk, least recently used first out. */
    metadataCacheMiB: z.int().min(0).default(2048),
    thumbnailCacheMiB: z.int().min(0).default(512),
    /** A series is prepared for viewing when nothing came for so long. */
    quietMs: z.int().min(0).max(600_000).default(1500),
    /** STOW-RS takes no single instance larger than this. */
    maxInstanceMiB: z.int().min(1).default(16_384),
  })
  .prefault({});

export type DicomwebConfig = z.output<typeof dicomwebConfig>;
