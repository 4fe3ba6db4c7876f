import { ParleyError } from '@parley/kernel';
import type { LiveRequest } from './live-request.js';
import type { RunConfig } from './run-config.js';

/**
 * Refuses the signals that would make the Live API close the connection: activity borders where the model detects speech
 * itself, and `audioStreamEnd` where it does not. Throws `ParleyError` `invalid_config` that names the setting.
 */
export function checkActivity({ kind }: LiveRequest, { realtimeInputConfig }: RunConfig): void {
  const manual = realtimeInputConfig?.automaticActivityDetection?.disabled === true;
  if (!manual && (kind === 'activityStart' || kind === 'activityEnd')) {
    throw new ParleyError(
      'invalid_config',
      `${kind} needs realtimeInputConfig.automaticActivityDetection.disabled: the model detects speech itself.`,
      { kind: 'failed_precondition' },
    );
  }
  if (manual && kind === 'audioStreamEnd') {
    throw new ParleyError(
      'invalid_config',
      'audioStreamEnd has no meaning where activity is signalled by hand.',
      { kind: 'failed_precondition' },
    );
  }
}
