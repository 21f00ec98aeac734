import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@filmless/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, framed, MllpClient } from '../tools/mllp-client.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';

/** 10,000 take a minute on two cores: `FILMLESS_TEST_HL7_MESSAGES=10000`. */
const MESSAGES = Number(process.env['FILMLESS_TEST_HL7_MESSAGES'] ?? 3000);
const SENDERS = 8;
/** A patient keeps the last 200 changes: fewer than that each, so that all can be counted. */
const PER_PATIENT = 50;
/** Sent before the first answer is waited for. */
const WINDOW = 16;

/** Only a node that stands still takes this long, however busy the machine. */
const WHOLE_BURST_MS = 15 * 60_000;

interface Sent {
  id: string;
  patient: string;
  bytes: Buffer;
}

/** What one system sends: for each of its patients one change after another, patients mixed. Each gives another name. */
function messagesOf(sender: number): Sent[] {
  const count = Math.floor(MESSAGES / SENDERS);
  const patients = Math.ceil(count / PER_PATIENT);
  return Array.from({ length: count }, (_, i) => {
    const patient = `BURST-${sender}-${i % patients}`;
    const id = `M${sender}-${i}`;
    const text = [
      `MSH|^~\\&|HIS||PACS||20260102093000||ADT^A08^ADT_A01|${id}|P|2.5.1||||||UNICODE UTF-8`,
      'EVN|A08',
      `PID|1||${patient}^^^HIS^PI||王^第${i}次^^^^^L^I||19800101|F`,
      '',
    ].join('\r');
    return { id, patient, bytes: framed(text) };
  });
}

/** Sends all, and what was not answered AA again, in order, until each was, over as many connections as it takes. */
async function sendAll(port: number, messages: readonly Sent[], acknowledged: () => Promise<void>): Promise<void> {
  let next = 0;
  while (next < messages.length) {
    const client = await MllpClient.open(port).catch(() => undefined);
    if (!client) {
      await new Promise((done) => setTimeout(done, 50));
      continue;
    }
    let written = next;
    while (next < messages.length) {
      for (; written < Math.min(messages.length, next + WINDOW); written += 1)
        client.write(messages[written]?.bytes ?? Buffer.alloc(0));
      const answer = await client.answer();
      // The node is gone; whether it kept the message nobody knows, so it is sent again.
      if (!answer) break;
      expect(codeOf(answer)).toBe('AA');
      const message = messages[next];
      expect(answer.toString()).toContain(`|AA|${message?.id}\r`);
      next += 1;
      await acknowledged();
    }
    client.close();
  }
}

/** A moment at which senders wait for something. */
function hold(): { reached: Promise<void>; reach: () => void; over: Promise<void>; end: () => void } {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  return { reached, reach, over, end };
}

describe('a burst of HL7 messages, with kill -9 in the middle', () => {
  let work: string;
  let node: NodeProcess;
  let port: number;
  let start: () => Promise<NodeProcess>;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'filmless-burst-'));
    const dataDirectory = join(work, 'data');
    await mkdir(dataDirectory);
    const [httpPort, dicomPort] = [await freePort(), await freePort()];
    port = await freePort();
    const hl7 = { port, connections: [{ name: 'HIS', address: '127.0.0.1' }] };
    start = () => startNode({ dataDirectory, httpPort, dicomPort, config: { plugins: { 'his-bridge': { hl7 } } } });
    node = await start();
  });
  afterAll(async () => {
    await node.stop();
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  });

  const counts = async (): Promise<Record<string, number>> => {
    const response = await node.fetch('/api/his/inbox?limit=1');
    return ((await response.json()) as { counts: Record<string, number> }).counts;
  };

  it(
    `loses none of ${MESSAGES}, applies none twice and keeps the order of each patient, killed twice (FILMLESS_TEST_HL7_MESSAGES=10000 for the whole burst)`,
    async () => {
      const sent = Array.from({ length: SENDERS }, (_, sender) => messagesOf(sender));
      const total = sent.flat().length;
      let acknowledged = 0;
      // At each mark the senders stand still, with a window of messages each under way, until the node is dead.
      const marks = new Map([1 / 4, 3 / 4].map((part) => [Math.ceil(total * part), hold()]));
      let held: Promise<void> | undefined;
      const sending = Promise.all(
        sent.map((messages) =>
          sendAll(port, messages, async () => {
            acknowledged += 1;
            const mark = marks.get(acknowledged);
            mark?.reach();
            held = mark?.over ?? held;
            await held;
          }),
        ),
      );
      // Once while it is sent at full speed, once while it is sent and much is being applied.
      for (const mark of marks.values()) {
        await mark.reached;
        expect(acknowledged).toBeLessThan(total);
        await node.kill();
        mark.end();
        node = await start();
      }
      await sending;
      expect(acknowledged).toBe(total);
      await until(async () => (await counts())['waiting'] === 0, WHOLE_BURST_MS);
      expect(await counts()).toEqual({ waiting: 0, applied: total, failed: 0, dismissed: 0 });

      const expected = new Map<string, string[]>();
      for (const { id, patient } of sent.flat())
        expected.set(patient, [...(expected.get(patient) ?? []), `hl7:HIS#${id}`]);
      for (const [patient, changes] of expected) {
        const list = await node.fetch(`/api/patients?text=${patient}&limit=100`);
        const { items } = (await list.json()) as { items: { key: string; identifiers: { id: string }[] }[] };
        const found = items.find(({ identifiers }) => identifiers.some(({ id }) => id === patient));
        const page = await node.fetch(`/api/patients/${found?.key}`);
        const { patient: person } = (await page.json()) as { patient: { history: { by: string }[] } };
        expect(person.history.map(({ by }) => by)).toEqual(changes);
      }
    },
    WHOLE_BURST_MS,
  );
});
