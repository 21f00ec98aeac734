import { expect } from 'chai';
import { sampleUser } from '../testing/samples.ts';
import { afterEach, beforeEach, describe, it } from '../testing/setup.ts';
import { StubNode, StubProblem } from '../testing/stub-node.ts';
import { session } from './session.ts';

describe('session', () => {
  let node: StubNode;
  const refuse = (status: number, code: string) => () => {
    throw new StubProblem(status, code);
  };

  beforeEach(async () => {
    node = new StubNode().on('GET /api/sessions/current', { user: sampleUser });
    await session.restore();
  });
  afterEach(() => {
    node.restore();
    session.end();
  });

  it('is restored with what the user may do', () => {
    expect(session.can('user.manage')).to.equal(true);
    expect(session.can('anything else')).to.equal(false);
  });

  it('is nobody when the node knows none', async () => {
    node.on('GET /api/sessions/current', refuse(401, 'UNAUTHENTICATED'));
    await session.restore();
    expect(session.user).to.equal(undefined);
    expect(session.can('study.search')).to.equal(false);
  });

  it('stays open when signing out did not reach the node', async () => {
    node.on('DELETE /api/sessions/current', refuse(503, 'UNAVAILABLE'));
    const failure = await session.signOut().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    expect(session.user?.name).to.equal('admin');
  });

  it('ends when the node says so, or has ended it already', async () => {
    node.on('DELETE /api/sessions/current', refuse(401, 'UNAUTHENTICATED'));
    await session.signOut();
    expect(session.user).to.equal(undefined);
  });
});
