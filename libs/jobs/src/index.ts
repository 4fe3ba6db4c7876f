export * from './bull-tool-jobs.js';
export * from './in-process-tool-jobs.js';
export * from './job-catalog.js';
export type { RunTool, ToolRunContext } from './tool-execution.js';
export * from './tool-job-runner.js';
