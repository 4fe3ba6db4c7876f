export type Device = 'microphone' | 'camera' | 'loudspeaker';
export type DeviceProblem = 'insecure' | 'denied' | 'missing' | 'busy' | 'failed';

/** A microphone, camera or loudspeaker that cannot be used, and why. */
export class DeviceError extends Error {
  readonly device: Device;
  readonly problem: DeviceProblem;

  constructor(device: Device, problem: DeviceProblem, cause?: unknown) {
    super(`The ${device} cannot be used: ${problem}.`, cause === undefined ? undefined : { cause });
    this.name = 'DeviceError';
    this.device = device;
    this.problem = problem;
  }
}

/** Names of `DOMException` that `getUserMedia` rejects with. [src: W3C Media Capture and Streams, §10.3] */
const PROBLEMS: Readonly<Record<string, DeviceProblem>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** `getUserMedia` that rejects with a `DeviceError`. */
export async function openDevice(
  device: 'microphone' | 'camera',
  constraints: MediaStreamConstraints,
): Promise<MediaStream> {
  // Absent on pages that are neither https nor localhost.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) throw new DeviceError(device, 'insecure');
  try {
    return await devices.getUserMedia(constraints);
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : '';
    throw new DeviceError(device, PROBLEMS[name] ?? 'failed', thrown);
  }
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
