import { GoogleGenAI, Modality, Type, type LiveServerMessage, type Session } from '@google/genai';
import { readWatermark, speech } from '@parley-testing/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from './start-emulator.js';

const MODEL = 'gemini-3.8-live';
const DEADLINE_MS = 15_000;

/** A session of the real SDK and what it was told. */
class SdkCall {
  readonly messages: LiveServerMessage[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  session: Session | undefined;

  static async open(
    emulator: RunningEmulator,
    config: object = {},
    { model = MODEL, scenario = 'default' } = {},
  ): Promise<SdkCall> {
    const call = new SdkCall();
    const ai = new GoogleGenAI({
      apiKey: 'k',
      vertexai: false,
      apiVersion: 'v1beta',
      httpOptions: { baseUrl: `${emulator.url}/s/${scenario}` },
    });
    call.session = await ai.live.connect({
      model,
      config: { responseModalities: [Modality.AUDIO], outputAudioTranscription: {}, ...config },
      callbacks: {
        onmessage: (message) => void call.messages.push(message),
        onclose: ({ code, reason }) => void call.closes.push({ code, reason }),
      },
    });
    return call;
  }

  /** Waits for something to be true of what came; rejects after a while. */
  async until(holds: (call: SdkCall) => boolean): Promise<void> {
    const until = performance.now() + DEADLINE_MS;
    while (!holds(this)) {
      if (performance.now() > until) throw new Error(`did not come; so far: ${this.kinds.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  turns(): number {
    return this.messages.filter(({ serverContent }) => serverContent?.turnComplete).length;
  }

  get kinds(): string[] {
    return this.messages.flatMap(({ serverContent, toolCall, toolCallCancellation, setupComplete }) => [
      ...(setupComplete ? ['setupComplete'] : []),
      ...(toolCall ? ['toolCall'] : []),
      ...(toolCallCancellation ? ['toolCallCancellation'] : []),
      ...(serverContent?.modelTurn ? ['audio'] : []),
      ...(['interrupted', 'generationComplete', 'turnComplete'] as const).filter(
        (flag) => serverContent?.[flag],
      ),
    ]);
  }

  get said(): string {
    return this.messages.map(({ serverContent }) => serverContent?.outputTranscription?.text ?? '').join('');
  }

  get audio(): Buffer {
    const parts = this.messages.flatMap(({ serverContent }) => serverContent?.modelTurn?.parts ?? []);
    return Buffer.concat(parts.map((part) => Buffer.from(part.inlineData?.data ?? '', 'base64')));
  }
}

describe('the SDK of Google', () => {
  let emulator: RunningEmulator;
  const calls: SdkCall[] = [];
  const open = async (...args: Parameters<typeof SdkCall.open> extends [unknown, ...infer R] ? R : never) => {
    const call = await SdkCall.open(emulator, ...args);
    calls.push(call);
    return call;
  };
  beforeAll(async () => {
    emulator = await startEmulator({
      behaviour: { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20 },
    });
  });
  afterEach(() => {
    for (const call of calls.splice(0)) call.session?.close();
  });
  afterAll(() => emulator.close());

  it('connects, sends text, and gets audio, captions, completion and usage', async () => {
    const call = await open();
    call.session?.sendRealtimeInput({ text: 'Repeat after me: good morning everybody' });
    await call.until(() => call.turns() === 1);
    expect(call.kinds[0]).toBe('setupComplete');
    expect(call.kinds.slice(-2)).toEqual(['generationComplete', 'turnComplete']);
    expect(call.said).toMatch(/^Good morning everybody\./);
    expect(readWatermark(call.audio)).toBe(call.said);
    const usage = call.messages.at(-1)?.usageMetadata;
    expect(usage?.responseTokenCount).toBeGreaterThan(0);
    expect(usage?.totalTokenCount).toBe((usage?.promptTokenCount ?? 0) + (usage?.responseTokenCount ?? 0));
  });

  it('streams a microphone and gets the words and an answer to them', async () => {
    const call = await open({ inputAudioTranscription: {} });
    const pcm = speech('What is twelve plus thirty?', { leadMs: 200, tailMs: 1_000 });
    for (let at = 0; at < pcm.length; at += 3_200) {
      const data = Buffer.from(pcm.subarray(at, at + 3_200)).toString('base64');
      call.session?.sendRealtimeInput({ audio: { data, mimeType: 'audio/pcm;rate=16000' } });
    }
    await call.until(() => call.turns() === 1);
    const heard = call.messages
      .map(({ serverContent }) => serverContent?.inputTranscription?.text ?? '')
      .join('');
    expect(heard).toBe('What is twelve plus thirty?');
    expect(call.said).toContain('12 plus 30 is 42.');
  });

  it('makes a round trip through a blocking tool, and back to speech in the same turn', async () => {
    const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] };
    const call = await open({
      tools: [{ functionDeclarations: [{ name: 'get_weather', behavior: 'BLOCKING', parameters }] }],
    });
    call.session?.sendClientContent({ turns: 'What is the weather in Paris?' });
    await call.until(() => call.kinds.includes('toolCall'));
    const asked = call.messages.flatMap(({ toolCall }) => toolCall?.functionCalls ?? []);
    expect(asked).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
    const functionResponses = asked.map(({ id = '', name = '' }) => ({
      id,
      name,
      response: { output: 'It is sunny in Paris.' },
    }));
    call.session?.sendToolResponse({ functionResponses });
    await call.until(() => call.turns() === 1);
    expect(call.said).toMatch(/^It is sunny in Paris\./);
    expect(call.kinds.indexOf('toolCall')).toBeLessThan(call.kinds.indexOf('audio'));
  });

  it('is interrupted by new input: interrupted, then turnComplete, then only the new turn', async () => {
    const call = await open({}, { scenario: 'default' });
    call.session?.sendRealtimeInput({ text: 'Tell me a long story' });
    await call.until(() => call.kinds.includes('audio'));
    call.session?.sendRealtimeInput({ text: 'Wait!' });
    await call.until(() => call.turns() === 2);
    const flags = call.kinds.filter((kind) => kind !== 'audio');
    expect(flags).toEqual([
      'setupComplete',
      'interrupted',
      'turnComplete',
      'generationComplete',
      'turnComplete',
    ]);
    expect(call.said).toMatch(/(Okay|Sure|All right)\.$/);
  });

  it('learns why its setup was refused from the close of the connection', async () => {
    const ai = new GoogleGenAI({
      apiKey: 'k',
      vertexai: false,
      apiVersion: 'v1beta',
      httpOptions: { baseUrl: `${emulator.url}/s/default` },
    });
    const close = new Promise<{ code: number; reason: string }>((resolve) => {
      // This version of the SDK never settles when it is refused.
      void ai.live.connect({
        model: 'gemini-1.0-pro',
        callbacks: { onmessage: () => undefined, onclose: ({ code, reason }) => resolve({ code, reason }) },
      });
    });
    const { code, reason } = await close;
    expect(code).toBe(1008);
    expect(reason).toMatch(/^models\/gemini-1\.0-pro is not found for API version v1beta/);
  });

  it('speaks the Vertex dialect, with its names for usage', async () => {
    const ai = new GoogleGenAI({
      vertexai: true,
      apiKey: 'k',
      apiVersion: 'v1beta1',
      httpOptions: { baseUrl: `${emulator.url}/s/default` },
    });
    const call = new SdkCall();
    calls.push(call);
    call.session = await ai.live.connect({
      model: MODEL,
      config: { outputAudioTranscription: {} },
      callbacks: { onmessage: (message) => void call.messages.push(message) },
    });
    call.session.sendClientContent({ turns: 'Say yes please' });
    await call.until(() => call.turns() === 1);
    expect(call.messages[0]?.setupComplete?.sessionId).toMatch(/^emu_/);
    expect(call.messages.at(-1)?.usageMetadata?.responseTokenCount).toBeGreaterThan(0);
  });

  it('resumes by handle, and the model remembers the earlier connection', async () => {
    const handleOf = ({ messages }: SdkCall): string =>
      messages.findLast(({ sessionResumptionUpdate }) => sessionResumptionUpdate?.resumable)
        ?.sessionResumptionUpdate?.newHandle ?? '';
    const first = await open({ sessionResumption: {} });
    first.session?.sendRealtimeInput({ text: 'My name is Alice.' });
    await first.until(
      () => first.turns() === 1 && first.messages.at(-1)?.sessionResumptionUpdate !== undefined,
    );
    first.session?.close();
    const second = await open({ sessionResumption: { handle: handleOf(first) } });
    second.session?.sendRealtimeInput({ text: 'What is my name?' });
    await second.until(() => second.turns() === 1);
    expect(second.said).toContain('Your name is Alice.');
  });
});
