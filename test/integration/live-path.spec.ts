import { functionResponsesOf } from '@parley/event';
import { FRAME_CODEC, FRAME_KIND, encodeFrame } from '@parley/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speech } from '@parley-testing/emulator';
import type { Caller } from '../support/caller.js';
import { RawSocket } from '../support/raw-socket.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';
import { programOnPath } from '../support/programs.js';

const WORKERS = 2;
const CAPACITY = 60;

for (const prefer of ['server', 'embedded'] as const) {
  const missing = prefer === 'server' && !programOnPath('redis-server', 'valkey-server');
  describe.skipIf(missing)(
    `the live path on the ${prefer} Redis${missing ? ' (skipped: no redis-server on the PATH)' : ''}`,
    () => {
      let service: Service;
      beforeAll(async () => {
        // packed, a fleet that is nearly empty would show one worker only
        const env = { PARLEY_PLACEMENT: 'spread' };
        service = await Service.start({ redis: { prefer }, workers: WORKERS, capacity: CAPACITY, env });
      });
      afterAll(() => service.stop());

      it('answers what is typed, in words and in sound, and measures the wait', async () => {
        const caller = await service.call();
        expect(caller.ready).toMatchObject({ agent: 'concierge', provider: { emulated: true } });
        const answer = await caller.ask('Hello, my name is Alice.');
        expect(answer).toContain('Alice');
        expect(caller.heard.audio.length).toBeGreaterThan(5);
        expect(caller.heard.latencies[0]).toMatchObject({ turn: 1, trigger: 'text' });
        expect(await service.metric('gateway', 'live_first_audio_seconds_count')).toBeGreaterThan(0);
        await caller.end();
      });

      it('hears what is said', async () => {
        const caller = await service.call();
        await caller.speak(speech('my favourite colour is green', { leadMs: 300, tailMs: 1_200 }), 4);
        await until('an answer', () => caller.heard.completed.length > 0);
        const heard = caller.heard.captions.filter((caption) => caption.speaker === 'user' && caption.final);
        expect(heard.map((caption) => caption.text).join(' ')).toContain('favourite colour is green');
        expect(caller.heard.latencies[0]?.trigger).toBe('speech');
        await caller.end();
      });

      it('runs a tool beside the conversation, and one as a job on the tool-runner', async () => {
        const caller = await service.call();
        await caller.ask('What is the weather in Paris?');
        await until('the weather', () => responses().some((response) => response.name === 'get_weather'));
        await caller.ask('Please estimate a trip to Lisbon.');
        await until('the trip', () => responses().some((response) => response.name === 'estimate_trip'));
        expect(responses().find((response) => response.name === 'estimate_trip')?.response).toMatchObject({
          destination: 'Lisbon',
          hours: expect.any(Number) as number,
        });
        expect(await service.metric('tool-runner', 'live_tool_jobs_total')).toBe(1);
        await caller.end();

        function responses(): { name: string; response: object }[] {
          return caller.heard.events.flatMap(functionResponsesOf);
        }
      });

      it('remembers in a second call what was said in the first, on whichever worker', async () => {
        const first = await service.call({ userId: 'bob' });
        await first.ask('My name is Alice and my favourite colour is green.');
        const [home] = [...(await service.sessionsByWorker())].find(([, sessions]) => sessions === 1) ?? [];
        await first.end();
        const { sessionId } = first.grant;
        // with nobody on the line the same worker would be the emptier one each time
        const fillers: Caller[] = [];
        let other = false;
        for (let attempt = 0; attempt < 30 && !other; attempt++) {
          fillers.push(await service.call({ userId: `filler-${attempt}` }));
          const before = await service.sessionsByWorker();
          const again = await service.call({ userId: 'bob', sessionId });
          const after = await service.sessionsByWorker();
          const [worker] = [...after].find(([name, sessions]) => sessions > (before.get(name) ?? 0)) ?? [];
          other = worker !== undefined && worker !== home;
          if (other) {
            expect(again.ready.remembered).toBeGreaterThan(0);
            expect(await again.ask('What is my name?')).toContain('Alice');
          }
          await again.end();
        }
        await Promise.all(fillers.map((filler) => filler.end()));
        expect(other, 'no call of thirty came to the other worker').toBe(true);
      });

      it('never takes more than its workers hold, with 200 calls at once, and uses both', async () => {
        const tokens = await Promise.all(
          Array.from({ length: 200 }, (_, n) => service.token({ userId: `user-${n}` })),
        );
        const sockets = await Promise.all(
          tokens.map(async (token) => {
            const socket = await RawSocket.open(service.liveUrl);
            socket.say({ type: 'hello', token });
            return socket;
          }),
        );
        const settled = (socket: RawSocket): boolean =>
          socket.messages.some((message) => ['ready', 'error'].includes(message.type ?? ''));
        await until('every call is answered', () => sockets.every(settled), 60_000);
        const ready = sockets.filter((socket) => socket.messages.some((message) => message.type === 'ready'));
        const byWorker = [...(await service.sessionsByWorker()).values()];
        expect(ready).toHaveLength(WORKERS * CAPACITY);
        expect(byWorker).toEqual([CAPACITY, CAPACITY]);
        const refused = sockets
          .flatMap((socket) => socket.messages)
          .filter((message) => message.type === 'error');
        expect(new Set(refused.map((message) => message.error?.code))).toEqual(
          new Set(['capacity_exhausted']),
        );
        for (const socket of sockets) socket.close();
        await until('every slot is free again', async () =>
          [...(await service.sessionsByWorker()).values()].every((n) => n === 0),
        );
      });

      it('answers bad input with its code, and goes on', async () => {
        const socket = await RawSocket.open(service.liveUrl);
        await socket.hello(await service.token());
        const frame = {
          kind: FRAME_KIND.mic,
          codec: FRAME_CODEC.pcm16at16k,
          flags: 0,
          turn: 0,
          seq: 0,
          tsMs: 0,
        };
        const cases: [string | Uint8Array, string][] = [
          ['{"type":', 'malformed_json'],
          ['{"type":"dance"}', 'unknown_type'],
          ['{"type":"text","text":7}', 'invalid_message'],
          ['{"type":"audio","mimeType":"audio/pcm;rate=44100","data":"AAAA"}', 'unsupported_audio'],
          [encodeFrame({ ...frame, payload: new Uint8Array(3_201) }), 'malformed_frame'],
          [encodeFrame({ ...frame, payload: new Uint8Array(9_600) }), 'frame_too_large'],
          [
            encodeFrame({ ...frame, codec: FRAME_CODEC.pcm16at24k, payload: new Uint8Array(2) }),
            'unsupported_audio',
          ],
          [new Uint8Array(300_000), 'frame_too_large'],
          [new Uint8Array([9, 9, 9]), 'malformed_frame'],
        ];
        for (const [message, code] of cases) {
          const from = socket.messages.length;
          socket.send(message);
          expect(await socket.nextError(from)).toBe(code);
        }
        const from = socket.messages.length;
        socket.say({ type: 'text', text: 'Hello' });
        await until('an event after all that', () =>
          socket.messages.slice(from).some((message) => message.type === 'event'),
        );
        expect(socket.closed).toBeUndefined();
        socket.close();
      });

      it('closes with its code a connection that may not go on', async () => {
        const bad = await RawSocket.open(service.liveUrl);
        bad.say({ type: 'hello', token: 'not.a.token' });
        await until('closed', () => bad.closed !== undefined);
        expect(bad.closed?.code).toBe(4401);
        const early = await RawSocket.open(service.liveUrl);
        early.say({ type: 'text', text: 'hi' });
        await until('closed', () => early.closed !== undefined);
        expect(early.closed?.code).toBe(4401);
        const old = await RawSocket.open(service.liveUrl);
        old.say({ type: 'hello', v: 99, token: await service.token() });
        await until('closed', () => old.closed !== undefined);
        expect(old.closed?.code).toBe(4415);
      });

      it('gives the call to whoever comes second, and tells the first', async () => {
        const { sessionId, clientToken } = await service.api.createSession({
          agent: 'concierge',
          userId: 'carol',
        });
        const first = await RawSocket.open(service.liveUrl);
        await first.hello(clientToken);
        const second = await service.call({ userId: 'carol', sessionId });
        await until('the first is closed', () => first.closed !== undefined);
        expect(first.closed?.code).toBe(4409);
        expect(await second.ask('Hello')).not.toBe('');
        await second.end();
      });

      it('refuses by REST what is not there, not allowed or not valid, as problem+json', async () => {
        const post = async (
          body: unknown,
          key = service.stack.apiKey,
        ): Promise<{ status: number; code: unknown; type: string | null }> => {
          const response = await fetch(`${service.stack.url}/v1/sessions`, {
            method: 'POST',
            headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          });
          const problem = (await response.json()) as { code?: unknown };
          return { status: response.status, code: problem.code, type: response.headers.get('content-type') };
        };
        expect(await post({ agent: 'concierge' }, 'parley_test_nonsense')).toMatchObject({
          status: 401,
          code: 'unauthenticated',
        });
        expect(await post({ agent: 'nobody' })).toMatchObject({ status: 404, code: 'agent_not_found' });
        expect(await post({ agent: 'concierge', userId: 'x', sessionId: 'gone' })).toMatchObject({
          status: 404,
          code: 'session_not_found',
        });
        expect(await post({ agent: 'concierge', runConfig: { volume: 11 } })).toMatchObject({
          status: 422,
          code: 'invalid_config',
        });
        expect(await post({ agent: 'concierge', colour: 'green' })).toMatchObject({
          status: 400,
          code: 'invalid_message',
        });
        const malformed = await post('{"agent":');
        expect(malformed).toMatchObject({ status: 400, code: 'malformed_json' });
        expect(malformed.type).toContain('application/problem+json');
      });

      it('serves health and metrics on every process', async () => {
        for (const process of ['gateway', 'worker-1', 'worker-2', 'tool-runner', 'emulator']) {
          const base = `http://127.0.0.1:${service.stack.portOf(process)}`;
          for (const path of ['/livez', '/readyz', '/metrics'])
            expect((await fetch(base + path)).status, process + path).toBe(200);
        }
        expect(await service.metric('gateway', 'live_protocol_errors_total')).toBeGreaterThan(0);
      });
    },
  );
}
