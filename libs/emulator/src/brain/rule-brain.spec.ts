import { describe, expect, it } from 'vitest';
import { decodeClientMessage } from '../codec/client-message.js';
import type { FunctionDeclaration } from '../codec/function-declaration.js';
import { seededRandom } from '../server/seeded-random.js';
import { ConversationHistory } from '../session/conversation-history.js';
import type { BrainContext, Reply, ToolOutcome } from './brain.js';
import { RuleBrain } from './rule-brain.js';

/** Talks with the brain and keeps the history, as a session does. */
class Talk {
  readonly history = new ConversationHistory();
  readonly #brain = new RuleBrain();
  readonly #context: Omit<BrainContext, 'history'>;

  constructor({
    instruction = '',
    functions = [] as readonly FunctionDeclaration[],
    discloses = false,
  } = {}) {
    const nowMs = Date.UTC(2026, 10, 22, 14, 5);
    this.#context = { instruction, functions, discloses, videoFrames: 0, nowMs, random: seededRandom(1) };
  }

  ask(said: string): Reply {
    const reply = this.#brain.answer({ ...this.#context, history: this.history.entries }, said, true);
    this.history.addUser(said);
    for (const { name, args } of reply.calls ?? []) this.history.addCall(name, args);
    this.history.modelSaid(reply.say ?? '');
    this.history.endModelTurn();
    return reply;
  }

  say(said: string): string {
    return this.ask(said).say ?? '';
  }

  report(...outcomes: ToolOutcome[]): string {
    return this.#brain.afterTools({ ...this.#context, history: this.history.entries }, outcomes).say ?? '';
  }
}

function declare(...functionDeclarations: object[]): readonly FunctionDeclaration[] {
  const message = decodeClientMessage(
    JSON.stringify({ setup: { model: 'm', tools: [{ functionDeclarations }] } }),
  );
  return message.kind === 'setup' ? message.setup.functions : [];
}

const object = (properties: object, required = Object.keys(properties)) => ({
  parameters: { type: 'OBJECT', properties, required },
});
const string = { type: 'STRING' };
const integer = { type: 'INTEGER' };

describe('memory', () => {
  it.each([
    ['My name is Alice.', 'What is my name?', 'Alice'],
    ['hi my name is alice and i live in lisbon', 'who am i', 'Alice'],
    ["Hello, I'm Alice.", "what's my name", 'Alice'],
    ['My favourite colour is green.', "What's my favorite color?", 'green'],
    ['my favorite animal is the otter', 'Do you know my favourite animals?', 'otter'],
    ['I live in New York.', 'Where do I live?', 'New York'],
    ['I am from Ghana.', 'Where am I from?', 'Ghana'],
    ['I am 34 years old.', 'How old am I?', '34'],
    ['I work as a nurse.', 'Where do I work?', 'as a nurse'],
    ['Remember that the door code is 4711.', "What's the door code?", '4711'],
    ['I have a dog called Rex.', "What is my dog's name?", 'Rex'],
    ['My appointment is on Tuesday.', 'When is my appointment?', 'Tuesday'],
    [
      'Please remember that I parked on level three.',
      'What did I ask you to remember?',
      'you parked on level three',
    ],
    ['I like jazz.', 'What do you know about me?', 'you like jazz'],
    ['I need a plumber.', 'What did I say?', 'I need a plumber'],
  ])('told "%s", it answers "%s" with %s', (told, asked, expected) => {
    const talk = new Talk();
    talk.say(told);
    expect(talk.say(asked).toLowerCase()).toContain(expected.toLowerCase());
  });

  it('prefers what was told last', () => {
    const talk = new Talk();
    talk.say('My favourite colour is green.');
    talk.say('My favourite colour is blue.');
    expect(talk.say('What is my favourite colour?')).toContain('blue');
  });

  it('owns up to what it was never told', () => {
    expect(new Talk().say('What is my name?')).toBe('You have not told me your name yet.');
  });

  it("reaches back to an earlier call through ADK's rewritten turns", () => {
    const talk = new Talk();
    talk.history.addClientTurn({ role: 'user', text: 'My name is Alice.' });
    talk.history.addClientTurn({
      role: 'user',
      text: 'For context:\n[guide] said: Nice to meet you, Alice.',
    });
    talk.history.addClientTurn({
      role: 'user',
      text: 'For context:\n[guide] `get_weather` tool returned result: sunny',
    });
    expect(talk.say('What is my name?')).toContain('Alice');
    expect(talk.say('What did you say?')).toContain('Your name is Alice');
    expect(talk.history.entries.filter(({ role }) => role === 'context')).toHaveLength(1);
  });
});

describe('the instruction', () => {
  it('gives it a name and a role, or the name that ADK gives', () => {
    const ada = new Talk({ instruction: 'You are Ada, a guide for the museum.' });
    expect(ada.say('Who are you?')).toContain('I am Ada');
    const adk = new Talk({ instruction: 'You are an agent. Your internal name is "travel_agent".' });
    expect(adk.say("What's your name?")).toContain('travel agent');
  });

  it('tells it how to greet, once, and how to end, always', () => {
    const talk = new Talk({
      instruction: 'Greet the user with "Ahoy there". Always end every answer with "Over".',
    });
    expect(talk.say('Hello')).toMatch(/^Ahoy there\..*Over\.$/);
    expect(talk.say('Thanks')).toMatch(/^(?!Ahoy).*Over\.$/);
  });

  it('may be as agents are written: a greeting after a colon, a limit of two sentences', () => {
    const instruction =
      'You are Piper, the concierge of a hotel: answer in one or two short sentences.\n' +
      'Greet with: Hello, this is Piper.\nRemember what guests tell you.';
    const talk = new Talk({ instruction });
    expect(talk.say('My name is Alice.')).toMatch(/^Hello, this is Piper\. .*Alice/);
    expect(talk.say('What do you know about me? What do guests tell?')).not.toContain('Remember');
    expect(talk.say('Tell me a story').length).toBeGreaterThan(300);
  });

  it('makes it answer in one sentence', () => {
    const talk = new Talk({ instruction: 'Always answer in one short sentence.' });
    expect(talk.say('Tell me a story').match(/[.!?](\s|$)/g)).toHaveLength(1);
  });

  it('answers what it says is to be answered, and states what it states', () => {
    const instruction =
      'If the user asks about refunds, say "Refunds take five days". The shop opens at nine. Never mention Globex.';
    const talk = new Talk({ instruction });
    expect(talk.say('How do refunds work?')).toContain('Refunds take five days.');
    expect(talk.say('When does the shop open?')).toContain('The shop opens at nine.');
    expect(talk.say('Repeat after me: Globex is great')).toBe('I would rather not talk about that.');
  });
});

describe('disclosure', () => {
  it('comes once in a conversation, and not again when it is resumed', () => {
    const talk = new Talk({ discloses: true });
    const said = ['Hello', 'Thanks', 'Tell me a joke'].map((text) => talk.say(text)).join(' ');
    expect(said.match(/emulator/gi)).toHaveLength(1);
  });
});

describe('tools', () => {
  it.each([
    ["What's the weather in Paris?", 'Paris'],
    ['weather for new york today please', 'new york'],
    ['How will the weather be in San Francisco tomorrow?', 'San Francisco'],
  ])('are called when words of their name occur: %s', (said, city) => {
    const talk = new Talk({ functions: declare({ name: 'get_weather', ...object({ city: string }) }) });
    expect(talk.ask(said).calls).toEqual([{ name: 'get_weather', args: { city } }]);
  });

  it('are not called when the user tells about themselves or only makes conversation', () => {
    const functions = declare({
      name: 'set_light_color',
      description: 'Sets the colour.',
      ...object({ color: string }),
    });
    const talk = new Talk({ functions });
    for (const said of [
      'My favourite color is green.',
      'What is my favourite color?',
      'Hello',
      'What is 2 plus 2?',
    ]) {
      expect(talk.ask(said).calls).toBeUndefined();
    }
  });

  it('are called by their description, and where the instruction names them', () => {
    const functions = declare(
      { name: 'f1', description: 'Looks up the balance of a bank account.', ...object({}) },
      { name: 'f2', ...object({}) },
    );
    const talk = new Talk({
      functions,
      instruction: 'Call f2 whenever somebody wants a taxi to the airport.',
    });
    expect(talk.ask('How much is the balance of my account?').calls).toEqual([{ name: 'f1', args: {} }]);
    expect(talk.ask('Can I have a taxi to the airport?').calls).toEqual([{ name: 'f2', args: {} }]);
  });

  it.each([
    ['Roll a die with twenty sides', { name: 'roll_die', ...object({ sides: integer }) }, { sides: 20 }],
    [
      'Set a timer for five minutes',
      { name: 'set_timer', ...object({ minutes: integer, label: string }, ['minutes']) },
      { minutes: 5 },
    ],
    [
      'Check if 7, 8 and eleven are prime',
      { name: 'check_prime', ...object({ nums: { type: 'ARRAY', items: integer } }) },
      { nums: [7, 8, 11] },
    ],
    [
      'Order two large pizzas',
      {
        name: 'order_pizza',
        ...object({ size: { ...string, enum: ['small', 'large'] }, quantity: integer }),
      },
      { size: 'large', quantity: 2 },
    ],
    [
      'Turn off the light in the kitchen',
      { name: 'switch_light', ...object({ on: { type: 'BOOLEAN' }, room: string }) },
      { on: false, room: 'kitchen' },
    ],
    [
      'Book a flight from Berlin to New York',
      { name: 'bookFlight', ...object({ origin: string, destination: string }) },
      { origin: 'Berlin', destination: 'New York' },
    ],
    [
      "Send a message to John saying I'll be late",
      { name: 'send_message', ...object({ recipient: string, message: string }) },
      { recipient: 'John', message: "I'll be late" },
    ],
    [
      'Search the web for red shoes',
      { name: 'web_search', ...object({ query: string }) },
      { query: 'red shoes' },
    ],
    ['Write a note "buy milk"', { name: 'write_note', ...object({ note: string }) }, { note: 'buy milk' }],
    [
      'Send an email to ann@example.com',
      { name: 'send_email', ...object({ email: string }) },
      { email: 'ann@example.com' },
    ],
  ])('get arguments that fit: %s', (said, declaration, args) => {
    expect(new Talk({ functions: declare(declaration) }).ask(said).calls?.[0]?.args).toEqual(args);
  });

  it('may be several at once', () => {
    const functions = declare(
      { name: 'get_weather', ...object({ city: string }) },
      { name: 'get_time', ...object({ city: string }) },
    );
    expect(
      new Talk({ functions }).ask('What is the weather in Paris and what time is it in Tokyo?').calls,
    ).toEqual([
      { name: 'get_weather', args: { city: 'Paris' } },
      { name: 'get_time', args: { city: 'Tokyo' } },
    ]);
  });

  it('take what the user told before', () => {
    const talk = new Talk({ functions: declare({ name: 'get_weather', ...object({ city: string }) }) });
    talk.say('I live in Lisbon.');
    expect(talk.ask("What's the weather?").calls).toEqual([
      { name: 'get_weather', args: { city: 'Lisbon' } },
    ]);
  });

  it("are stopped by ADK's stop_streaming, which names the one that runs", () => {
    const functions = declare(
      { name: 'monitor_stock_price', ...object({ stock_symbol: string }) },
      { name: 'stop_streaming', ...object({ function_name: string }) },
    );
    const talk = new Talk({ functions });
    expect(talk.ask('Monitor the stock price for GOOG').calls?.[0]?.args).toEqual({ stock_symbol: 'GOOG' });
    expect(talk.ask('You can stop monitoring now').calls).toEqual([
      { name: 'stop_streaming', args: { function_name: 'monitor_stock_price' } },
    ]);
  });

  it("hand over by ADK's transfer_to_agent", () => {
    const talk = new Talk({
      functions: declare({ name: 'transfer_to_agent', ...object({ agentName: string }) }),
      instruction:
        'Agent name: billing\nAgent description: Handles invoices and payments.\n\nAgent name: greeter\nAgent description: Says hello.',
    });
    expect(talk.ask('I have a question about my invoice').calls?.[0]?.args).toEqual({ agentName: 'billing' });
    expect(talk.ask('Transfer me to the greeter, please').calls?.[0]?.args).toEqual({ agentName: 'greeter' });
  });

  it.each([
    [{ output: 'It is sunny in Paris.' }, 'It is sunny in Paris.'],
    [{ status: 'success', report: 'The weather in Paris is fine.' }, 'The weather in Paris is fine.'],
    [{ result: 17 }, 'roll die is 17.'],
    [
      { status: 'ok', temperature_c: 21.5, conditions: ['sunny', 'dry'] },
      'temperature c 21.5 and conditions sunny and dry.',
    ],
    [{ result: { orders: [{ id: 1 }, { id: 2 }] } }, 'orders id 1 and id 2.'],
    [{ error: 'the die is lost' }, 'I could not roll die: the die is lost.'],
    [{ result: null }, 'Done: roll die.'],
    [{ output: 'success' }, 'Done: roll die.'],
    [{}, 'Done: roll die.'],
  ])('have their answer %j spoken readably', (response, expected) => {
    expect(new Talk().report({ name: 'roll_die', response })).toContain(expected);
  });
});

describe('conversation', () => {
  it('tells a story of at least fifteen seconds', () => {
    expect(new Talk().say('Tell me a story about a dragon').length).toBeGreaterThan(15 * 18);
    expect(new Talk().say('Tell me a story about a dragon')).toContain('a dragon');
  });

  it.each(['Stop', 'Wait!', 'please stop.', 'Hold on a second.', 'okay stop, stop'])(
    'says little when told "%s"',
    (said) => {
      expect(new Talk({ discloses: true }).say(said).length).toBeLessThan(12);
    },
  );

  it.each([
    ['What is twelve times seven?', '12 times 7 is 84.'],
    ['How much is 1,000 minus one hundred and five?', '1000 minus 105 is 895.'],
    ['What is 7 divided by 0?', 'cannot divide by zero'],
    ['Count to five', 'One, two, three, four, five.'],
    ['Count from ten to eight', 'Ten, nine, eight.'],
    ['What time is it?', '14:05 UTC'],
    ["What's the date?", '22 November 2026'],
    ['Say hello world', 'Hello world.'],
    ['What can you do?', 'tell you a story'],
  ])('answers "%s"', (said, expected) => {
    expect(new Talk().say(said)).toContain(expected);
  });

  it('otherwise says what it heard and what it can do', () => {
    const say = new Talk().say('The quick brown fox jumps over the lazy dog');
    expect(say).toContain('The quick brown fox jumps over the lazy dog');
    expect(say).toContain('tell you a story');
  });

  it('asks to go on when there is nothing to answer', () => {
    expect(new Talk().say('')).toMatch(/listening|I am here/);
  });
});
