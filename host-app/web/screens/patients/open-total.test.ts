import { expect } from 'chai';
import { ApiError } from '../../api/client.ts';
import { afterEach, beforeEach, describe, it } from '../../testing/setup.ts';
import { StubNode, StubProblem } from '../../testing/stub-node.ts';
import { OpenTotal } from './open-total.ts';

const page = (nextOffset?: number) => ({ items: [], nextOffset, studies: 900 });

describe('the total of studies to reconcile', () => {
  let node: StubNode;
  const { signal } = new AbortController();

  beforeEach(() => {
    node = new StubNode();
  });
  afterEach(() => node.restore());

  it('is added up part by part, says how far it is, and is not counted twice in a row', async () => {
    node.on('GET /api/reconciliation/count', ({ url }: { url: URL }) =>
      url.searchParams.get('offset') === '400'
        ? { found: 3, studies: 900, nextOffset: 800 }
        : { found: 2, studies: 901 },
    );
    const steps: string[] = [];
    const total = new OpenTotal(() => steps.push(`${total.now?.looked}: ${total.now?.found}`));
    await total.count(page(400), signal);
    expect(steps).to.deep.equal(['400: 0', '800: 3', '901: 5']);
    expect(total.now?.isWhole).to.equal(true);
    await total.count(page(400), signal);
    expect(node.count('GET /api/reconciliation/count')).to.equal(2);
    total.add(-1);
    expect(total.now?.found).to.equal(4);
  });

  it('is what the first page holds where that is all', async () => {
    const total = new OpenTotal(() => undefined);
    await total.count(page(), signal);
    expect(total.now).to.deep.equal({ found: 0, looked: 900, studies: 900, isWhole: true });
    expect(node.requests).to.deep.equal([]);
  });

  it('is counted anew after a failure', async () => {
    node.on('GET /api/reconciliation/count', () => {
      throw new StubProblem(503, 'UNAVAILABLE');
    });
    const total = new OpenTotal(() => undefined);
    const failed = await total.count(page(400), signal).catch((error: unknown) => error);
    expect(ApiError.from(failed).code).to.equal('UNAVAILABLE');
    node.on('GET /api/reconciliation/count', { found: 1, studies: 900 });
    await total.count(page(400), signal);
    expect(total.now?.found).to.equal(1);
  });
});
