import type { IncomingMessage, ServerResponse } from 'node:http';
import { ParleyError } from '@parley/kernel';
import type { ScenarioPlan } from '../scenario/scenario-plan.js';
import { markedScenario } from '../scenario/scenario-plan.js';
import { credentialOf } from '../server/live-path.js';
import { ownerOfCredential } from '../session/resumption.js';
import type { SessionEnvironment } from '../session/session-environment.js';
import { readApiPath, type ApiPath } from './api-path.js';
import { AnswerStream, tokens } from './answer-stream.js';
import type { AuthTokens } from './auth-tokens.js';
import { readGenerateRequest } from './generate-request.js';
import { Generation } from './generation.js';
import { googleErrorOf } from './google-error.js';
import { readJson, writeJson } from './json-body.js';
import { canGenerate, catalog, catalogModel } from './model-catalog.js';

export interface ApiRequestsOptions {
  readonly environment: SessionEnvironment;
  readonly tokens: AuthTokens;
  readonly planNamed: (name: string) => ScenarioPlan | undefined;
  /** Whether version v1 has no ephemeral tokens. */
  readonly strictV1: boolean;
  /** A new seeded source of chance for each answer. */
  readonly newRandom: () => () => number;
}

type MethodPath = Extract<ApiPath, { kind: 'method' }>;

/** The API's plain HTTP requests: models, ephemeral tokens and generated content. */
export class ApiRequests {
  readonly #options: ApiRequestsOptions;
  #answers = 0;

  constructor(options: ApiRequestsOptions) {
    this.#options = options;
  }

  /** Answers whether the request was for the API. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const path = readApiPath(request.url ?? '/');
    if (!path) return false;
    this.#serve(path, request, response).catch((thrown: unknown) => {
      const body = googleErrorOf(thrown);
      if (body.error.code === 500)
        this.#options.environment.log.error('a request could not be served', { error: thrown });
      if (response.headersSent) response.destroy();
      else writeJson(response, body.error.code, body);
    });
    return true;
  }

  async #serve(path: ApiPath, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${path.kind}`;
    switch (route) {
      case 'GET models':
        return writeJson(response, 200, listOf(path));
      case 'GET model':
        return writeJson(response, 200, this.#model(path));
      case 'POST authTokens': {
        if (this.#options.strictV1 && path.version === 'v1')
          throw notFound('Requested entity was not found.');
        const owner = ownerOfCredential(credentialOf(request.url ?? '', request.headers));
        const { name } = this.#options.tokens.create(await readJson(request), owner);
        return writeJson(response, 200, { name });
      }
      case 'POST method':
        if (path.kind === 'method') return this.#call(path, request, response);
    }
    throw notFound('Requested entity was not found.');
  }

  #model(path: ApiPath): object {
    const model = path.kind === 'model' ? path.model : '';
    const found = catalogModel(model);
    if (!found) throw modelNotFound(path, model, 'generateContent');
    return path.api === 'gemini' ? found : { ...found, name: `publishers/google/${found.name}` };
  }

  async #call(path: MethodPath, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { model, method } = path;
    const body = await readJson(request);
    if (!canGenerate(model)) throw modelNotFound(path, model, method);
    const asked = readGenerateRequest(unwrap(body, method));
    if (method === 'countTokens') {
      return writeJson(response, 200, { totalTokens: tokens(asked.promptChars) });
    }
    if (method !== 'generateContent' && method !== 'streamGenerateContent') {
      throw notFound(`The method ${method} is not emulated.`);
    }
    const { environment, newRandom } = this.#options;
    const streams = method === 'streamGenerateContent';
    const sse = new URLSearchParams((request.url ?? '').split('?')[1]).get('alt') === 'sse';
    this.#answers += 1;
    const stream = new AnswerStream({
      response,
      clock: environment.clock,
      form: streams ? (sse ? 'sse' : 'array') : 'whole',
      model,
      responseId: `emulated-${this.#answers}`,
      promptChars: asked.promptChars,
    });
    const generation = new Generation({
      request: asked,
      plan: this.#plan(path, request, asked.instruction),
      api: path.api,
      environment,
      random: newRandom(),
      paced: streams,
      wire: stream,
      send: (message) => stream.send(message),
      onEnd: () => stream.end(),
    });
    response.on('close', () => {
      generation.close();
      stream.close();
    });
  }

  #plan(path: ApiPath, { headers }: IncomingMessage, instruction: string): ScenarioPlan {
    const header = headers['x-emu-scenario'];
    const byPath = path.scenario !== 'default' ? path.scenario : undefined;
    const name = markedScenario(instruction) ?? byPath ?? (typeof header === 'string' ? header : 'default');
    const plan = this.#options.planNamed(name);
    if (!plan) throw notFound(`The emulator has no scenario "${name}".`);
    return plan;
  }
}

/** `countTokens` may carry a whole request inside. */
function unwrap(body: unknown, method: string): unknown {
  const inside =
    method === 'countTokens' && typeof body === 'object' && body !== null && 'generateContentRequest' in body;
  return inside ? body.generateContentRequest : body;
}

function listOf({ api }: ApiPath): object {
  if (api === 'gemini') return { models: catalog() };
  return {
    publisherModels: catalog().map((model) => ({ ...model, name: `publishers/google/${model.name}` })),
  };
}

function modelNotFound({ version }: ApiPath, model: string, method: string): ParleyError {
  return notFound(
    `models/${model} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
  );
}

function notFound(message: string): ParleyError {
  return new ParleyError('not_found', message, { kind: 'not_found' });
}
