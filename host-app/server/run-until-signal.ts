import type { FilmlessNode } from '@filmless/core/node';

/** Listens for SIGTERM and SIGINT from now on: before anybody is told that the node runs, and may end it. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
}

/** Keeps the process until the signal, then drains and stops the nodes. A second signal ends it at once. */
export async function runUntilSignal(
  nodes: readonly Pick<FilmlessNode, 'stop'>[],
  signalled: Promise<NodeJS.Signals>,
): Promise<void> {
  const signal = await signalled;
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(1));
  console.error(`${signal}: finishing what is under way`);
  await Promise.all(nodes.map((node) => node.stop()));
}
