import { FilmlessError, type InstanceRecord, type PluginContext } from '@filmless/core/plugin';
import { z } from 'zod';
import { giveBlob } from './blob-route.ts';
import type { NodeBlobs } from './blob-transfer.ts';
import type { ArchiveConfig, Role } from './config.ts';
import type { Holdings } from './holdings.ts';
import type { JoinCodes } from './join-codes.ts';
import type { LinkAnswer, LinkCall } from './link-server.ts';
import { type Peer, type Peers, peerSchema } from './peers.ts';

const joinBody = z.object({ secret: z.string(), name: z.string(), address: z.string().optional(), port: z.number() });
const hashes = z.object({ sha256: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(10_000) });
const inventoryBody = z.object({
  studies: z.array(z.object({ study: z.string(), instances: z.number(), digest: z.string() })).max(10_000),
});

interface Parts {
  context: PluginContext<ArchiveConfig>;
  holdings: Holdings;
  peers: Peers;
  blobs: NodeBlobs;
  codes: JoinCodes;
  role(): Role | undefined;
  /** Takes records that a node made, or that came to it. */
  receive(peer: Peer, records: readonly InstanceRecord[]): Promise<void>;
  onInventory(): void;
}

/** What other nodes may ask of this one. */
export function linkRoutes(parts: Parts): (call: LinkCall) => Promise<LinkAnswer> {
  const { context, holdings } = parts;
  // Made for each call: what a node may bring follows from the roles, and a node that is just joining has none yet.
  const targetFor = (peer: Peer) =>
    context.replication.target({
      databases: databasesFrom(peer, parts.role()),
      receive: (records) => parts.receive(peer, records),
    });

  return async (call) => {
    const [, name = '', ...rest] = call.path.split('/').map(decodeURIComponent);
    if (name === 'join' && call.method === 'POST') return join(parts, call);
    const { peer } = call;
    if (!peer) throw new FilmlessError('FORBIDDEN');
    switch (`${call.method} ${name}`) {
      case 'GET db':
      case 'PUT db':
      case 'POST db': {
        const body = call.method === 'GET' ? undefined : await call.json();
        const path = rest.filter((part, index) => part !== '' || index < rest.length - 1).join('/');
        return targetFor(peer)
          .handle(call.method, path, body)
          .then(({ status, body: answer }) => ({
            status,
            body: typeof answer === 'object' && answer !== null ? answer : {},
          }));
      }
      case 'GET hello':
        return {};
      case 'GET blobs':
        return giveBlob({ storage: context.storage, holdings, blobs: parts.blobs }, call, peer, rest[0] ?? '');
      case 'POST copies': {
        const { sha256 } = hashes.parse(await call.json());
        return { body: { items: await copiesStillHere(parts, holdings.verified(sha256)) } };
      }
      case 'POST inventory': {
        const { studies } = inventoryBody.parse(await call.json());
        for (const study of studies) holdings.noteInventory(peer.name, study);
        parts.onInventory();
        return {};
      }
      case 'GET studies': {
        const records = await context.catalogue.getMany(holdings.ownUids(rest[0] ?? ''));
        return { body: { records: records.filter((record) => record !== undefined) } };
      }
      default:
        throw new FilmlessError('NOT_FOUND');
    }
  };
}

/** A copy that is gone is not vouched for, whatever was noted when it came: it is fetched again. */
async function copiesStillHere<C extends { sha256: string }>(parts: Parts, copies: readonly C[]): Promise<C[]> {
  const found: C[] = [];
  for (const copy of copies) {
    if (await parts.context.storage.has(copy.sha256)) found.push(copy);
    else parts.holdings.setState(copy.sha256, 'missing');
  }
  if (found.length < copies.length) parts.onInventory();
  return found;
}

/** Who may bring what: a department its images and reports, a gateway what was stored at it, the centre all to a gateway. */
function databasesFrom(peer: Peer, role: Role | undefined): string[] {
  if (role === 'centre' && peer.role === 'department') return ['instances', 'reports'];
  if (role === 'centre' && peer.role === 'gateway') return ['instances'];
  if (role === 'gateway' && peer.role === 'centre') return ['instances', 'reports', 'patients', 'orders'];
  return [];
}

async function join({ codes, peers, context, role }: Parts, call: LinkCall): Promise<LinkAnswer> {
  const { secret, name, address, port } = joinBody.parse(await call.json());
  const { role: becomes, giveBack } = redeemed(context, codes, secret, call);
  try {
    const from = call.address.includes(':') ? `[${call.address}]` : call.address;
    const joinedAt = new Date().toISOString();
    const { fingerprint } = call;
    await peers.add(
      peerSchema.parse({ name, role: becomes, address: address ?? `${from}:${port}`, fingerprint, joinedAt }),
    );
  } catch (error) {
    // Nobody has joined: under another name the code still counts.
    giveBack();
    throw error;
  }
  context.audit.record({
    action: 'change',
    outcome: 'success',
    actor: { kind: 'system', id: name },
    address: call.address,
    target: `node ${name}`,
    detail: `joined as ${becomes}`,
  });
  return { body: { name: context.node.name, role: role() } };
}

/** @throws FORBIDDEN, and writes it down */
function redeemed(
  { audit }: Parts['context'],
  codes: JoinCodes,
  secret: string,
  { fingerprint, address }: LinkCall,
): ReturnType<JoinCodes['redeem']> {
  try {
    return codes.redeem(secret);
  } catch (error) {
    const actor = { kind: 'unknown', id: fingerprint.slice(0, 16) } as const;
    audit.record({ action: 'refused', outcome: 'refused', actor, address, target: 'join code' });
    throw error;
  }
}
