/** The test functions of the runner's mocha, with their types. */
type Body = () => void | Promise<void>;
interface TestGlobals {
  describe(title: string, body: () => void): void;
  it(title: string, body: Body): void;
  beforeEach(body: Body): void;
  afterEach(body: Body): void;
}

const globals = globalThis as unknown as TestGlobals;
export const { describe, it, beforeEach, afterEach } = globals;
