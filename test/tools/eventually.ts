import { until } from '@filmless/core/testing';

const PATIENCE_MS = 60_000;

/** Waits for what a node does after it has answered, such as indexing; patient enough for a busy machine. */
export const eventually = (condition: () => boolean | Promise<boolean>): Promise<void> => until(condition, PATIENCE_MS);
