/** Applies `map` to several items at once and yields the results in the order of the items. The first failure is thrown. */
export async function* mapOrdered<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = map(item);
      // Awaited below, in order; until then a failure must not count as unhandled.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length >= concurrency) yield await (underWay.shift() as Promise<R>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(underWay);
  }
}
