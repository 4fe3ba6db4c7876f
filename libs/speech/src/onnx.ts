import type * as onnxruntime from 'onnxruntime-node';

export type Onnx = typeof onnxruntime;

/**
 * Loads ONNX Runtime. Its `run` computes on the calling thread, between two turns of the event loop: only call
 * it from a worker thread.
 */
export async function loadOnnx(): Promise<Onnx> {
  const loaded = await import('onnxruntime-node');
  return 'InferenceSession' in loaded ? loaded : (loaded as { default: Onnx }).default;
}

/** One core a session: the threads share out the cores. */
export async function openOnnxModel(
  onnx: Onnx,
  file: string,
  options: onnxruntime.InferenceSession.SessionOptions = {},
): Promise<onnxruntime.InferenceSession> {
  return onnx.InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3, // errors only
    ...options,
  });
}
