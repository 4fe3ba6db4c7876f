import type { EmulatorStats } from '@parley/emulator';

/** The figures of one emulator in Prometheus' text format. */
export function metricsText(stats: Readonly<EmulatorStats>): string {
  const { user, system } = process.cpuUsage();
  const lines: readonly (readonly [name: string, type: 'counter' | 'gauge', help: string, value: number])[] =
    [
      [
        'emulator_sessions_open',
        'gauge',
        'Sessions that are open.',
        stats.sessionsOpened - stats.sessionsClosed,
      ],
      ['emulator_sessions_total', 'counter', 'Sessions opened since the start.', stats.sessionsOpened],
      ['emulator_frames_in_total', 'counter', 'WebSocket messages received.', stats.framesIn],
      ['emulator_frames_out_total', 'counter', 'WebSocket messages sent.', stats.framesOut],
      ['emulator_bytes_in_total', 'counter', 'Bytes of messages received.', stats.bytesIn],
      ['emulator_bytes_out_total', 'counter', 'Bytes of messages sent.', stats.bytesOut],
      [
        'emulator_audio_chunks_dropped_total',
        'counter',
        'Chunks of microphone audio dropped because hearing could not keep up.',
        stats.audioChunksDropped,
      ],
      [
        'emulator_slow_clients_total',
        'counter',
        'Clients cut off because they read too slowly.',
        stats.slowClients,
      ],
      [
        'emulator_pace_lag_p99_seconds',
        'gauge',
        'How late paced messages went out: p99.',
        stats.lag.quantileMs(0.99) / 1000,
      ],
      [
        'emulator_pace_lag_max_seconds',
        'gauge',
        'How late paced messages went out: longest.',
        stats.lag.maxMs / 1000,
      ],
      ['process_cpu_seconds_total', 'counter', 'CPU time of this process.', (user + system) / 1e6],
      [
        'process_resident_memory_bytes',
        'gauge',
        'Resident memory of this process.',
        process.memoryUsage.rss(),
      ],
    ];
  return lines
    .map(([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`)
    .join('');
}
