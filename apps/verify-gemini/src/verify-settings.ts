import { optionalText, secret, workerSettings } from '@parley/config';

/** What the environment says; the names are those of the worker, and one more. */
export const verifySettings = {
  geminiApiKey: workerSettings.geminiApiKey,
  googleApiKey: workerSettings.googleApiKey,
  useVertex: workerSettings.useVertex,
  vertexProject: workerSettings.vertexProject,
  vertexLocation: workerSettings.vertexLocation,
  model: workerSettings.model,
  accessToken: secret(
    'GOOGLE_ACCESS_TOKEN',
    optionalText,
    'Vertex AI without a key: what "gcloud auth print-access-token" prints.',
  ),
};
