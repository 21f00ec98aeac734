import type { FilmlessNode } from '@filmless/core/node';

/** Keeps the process until SIGTERM or SIGINT, then drains and stops the nodes. A second signal ends it at once. */
export async function runUntilSignal(nodes: readonly FilmlessNode[]): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(1));
  console.error(`${signal}: finishing what is under way`);
  await Promise.all(nodes.map((node) => node.stop()));
}
