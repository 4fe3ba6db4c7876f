import {
  createParamDecorator,
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ParleyError } from '@parley/kernel';
import type { ApiKeys, Principal } from '@parley/tenancy';
import { API_KEYS } from '../tokens.js';

interface Authenticated {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  principal?: Principal;
}

/** Lets a request through that brings `Authorization: Bearer <API key>`. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  readonly #keys: ApiKeys;

  constructor(@Inject(API_KEYS) keys: ApiKeys) {
    this.#keys = keys;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Authenticated>();
    const header = request.headers['authorization'];
    const presented = typeof header === 'string' ? /^Bearer\s+(\S+)$/i.exec(header)?.[1] : undefined;
    if (presented === undefined) {
      throw new ParleyError('unauthenticated', 'Send your API key as "Authorization: Bearer …".', {
        kind: 'unauthenticated',
      });
    }
    request.principal = await this.#keys.authenticate(presented);
    return true;
  }
}

/** The tenant that the request's key belongs to. */
export const FromTenant = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<Authenticated>();
  if (!principal)
    throw new ParleyError('unauthenticated', 'No API key was given.', { kind: 'unauthenticated' });
  return principal;
});
