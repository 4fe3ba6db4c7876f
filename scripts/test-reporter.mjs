import { writeFileSync } from 'node:fs';

/** Writes what `scripts/test.mjs` adds up: counts, and the reason of each skip. */
export default class TestReporter {
  onTestRunEnd(modules) {
    const summary = { passed: 0, failed: 0, skipped: [] };
    for (const module of modules) {
      if (module.errors().length > 0) summary.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') summary.passed += 1;
        else if (result.state === 'failed') summary.failed += 1;
        else summary.skipped.push({ name: test.fullName, why: result.note ?? reasonInTitle(test.fullName) });
      }
    }
    writeFileSync(process.env.PARLEY_TEST_SUMMARY, JSON.stringify(summary));
  }
}

function reasonInTitle(title) {
  return /\(skipped: ([^)]+)\)/.exec(title)?.[1] ?? 'no reason was given';
}
