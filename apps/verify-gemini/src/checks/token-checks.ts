import { failed, observed, type Check, type Finding } from '../check.js';
import type { Situation } from '../run/situation.js';
import { CheckFailure } from '../check-failure.js';
import { describeOutcome, type CheckRun } from '../run/check-run.js';
import { constrainedAddress } from '../run/target.js';
import { fieldsOf, textOf } from '../wire/json-fields.js';
import { rememberedHandle } from './resumption-checks.js';
import { ask } from './typed-turn.js';

const TOKEN_VERSION = 'v1alpha';
const TOKEN_MS = 5 * 60_000;

export const tokenChecks: readonly Check[] = [
  {
    name: 'locked-token',
    question: 'Can a session whose set-up an ephemeral token fixes be resumed with a handle of its own?',
    openPoint: 'whether a fully locked token blocks resumption',
    deadlineMs: 90_000,
    notHere: ({ target }: Situation): string | undefined =>
      target.kind === 'vertex' ? 'Vertex AI has no ephemeral tokens' : undefined,
    run: async (run: CheckRun): Promise<Finding> => {
      const token = await createToken(run);
      const address = constrainedAddress(run.situation.target, TOKEN_VERSION, token);
      const first = await run.attempt({ sessionResumption: {} }, { address });
      if (first.kind !== 'accepted') return failed(`the token opens no session: ${describeOutcome(first)}`);
      const { handle } = await rememberedHandle(first.session);
      first.session.close();
      const again = await run.attempt({ sessionResumption: { handle } }, { address });
      if (again.kind !== 'accepted')
        return observed(`blocked: ${describeOutcome(again)}`, { resumed: false });
      const turn = await ask(again.session, 'What is the password?');
      const remembers = /walnut/i.test(turn.words);
      return observed(remembers ? 'resumed, and it remembers' : 'accepted, but the handle was not heeded', {
        resumed: remembers,
      });
    },
  },
];

/** A token for one session, with all of the set-up fixed and resumption in it. */
async function createToken(run: CheckRun): Promise<string> {
  const { model, target } = run.situation;
  const expireTime = new Date(run.clock.nowMs() + TOKEN_MS).toISOString();
  const setup = {
    model: target.modelName(model),
    generationConfig: { responseModalities: ['AUDIO'] },
    outputAudioTranscription: {},
    sessionResumption: {},
  };
  const response = await fetch(`${target.baseUrl}/${TOKEN_VERSION}/auth_tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': target.credential.apiKey ?? '' },
    body: JSON.stringify({ uses: 1, expireTime, bidiGenerateContentSetup: setup }),
    signal: run.signal,
  });
  const body: unknown = await response.json().catch(() => undefined);
  const name = textOf(fieldsOf(body)?.['name']);
  if (name === undefined) throw new CheckFailure(`no token was given: HTTP ${response.status}`);
  run.learn(name);
  run.learn(name.slice(name.indexOf('/') + 1));
  return name;
}
