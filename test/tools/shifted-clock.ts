/** Loaded first (`--import`) by a node whose clock is to be wrong: `FILMLESS_TEST_CLOCK_OFFSET_MS` is added to what the system says. */
const offsetMs = Number(process.env['FILMLESS_TEST_CLOCK_OFFSET_MS'] ?? 0);
const systemNow = Date.now;
const now = () => systemNow() + offsetMs;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new Date(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
