import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/*
 * The column "Test" of docs/conformance.md: which tests show which case. A test belongs to a case when its title begins
 * with the case's number. Those of `libs/live` show a case on a lower level, beside the one over the real connection.
 */
const OVER_THE_WIRE = 'test/conformance';
const PLACES = [OVER_THE_WIRE, 'libs/live/src'];
const TITLE = /(?:\bit\(|\bit\.each\([A-Za-z_.]+\)\(|\]\)\()\s*(['"`])([A-Z]\d{1,2}) ((?:(?!\1).)+)\1/g;
/** Number, +, what holds, rooms, open, test. */
const ROW = /^\| *([A-Z]\d{1,2}) *\|/;
const CELL_BORDER = /(?<!\\)\|/;
/** Groups of which every case has to have a test over the wire. */
const BUILT = /^[A-I]/;

/** `[{ number, title, file }]`, in the order of files and of tests in them. */
export function testsOfCases() {
  return PLACES.flatMap(specsIn).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(TITLE)].map(([, , number, title]) => ({ number, title, file })),
  );
}

/** The table `body` with its last column written anew; the other columns are somebody's words and stay. */
export function withTestColumn(body, tests) {
  const lines = body.trim().split('\n');
  return lines
    .map((line) => {
      const number = ROW.exec(line)?.[1];
      if (!number) return line;
      const shown = tests.filter((test) => test.number === number).map(link);
      return [...line.split(CELL_BORDER).slice(0, -2), ` ${shown.join('<br>')} `, ''].join('|');
    })
    .join('\n');
}

/** What is wrong between the cases of the document and the tests, as sentences. */
export function conformanceProblems(document, tests) {
  const cases = document.split('\n').flatMap((line) => ROW.exec(line)?.[1] ?? []);
  const shown = new Set(
    tests.filter(({ file }) => file.startsWith(OVER_THE_WIRE)).map(({ number }) => number),
  );
  const untested = cases.filter((number) => BUILT.test(number) && !shown.has(number));
  const strays = tests.filter(({ number }) => !cases.includes(number));
  return [
    ...(untested.length > 0 ? [`No test in ${OVER_THE_WIRE} for ${untested.join(', ')}.`] : []),
    ...strays.map(({ number, file }) => `${file}: there is no case ${number}.`),
  ];
}

function specsIn(place) {
  return readdirSync(place, { recursive: true })
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => `${place}/${file}`)
    .sort();
}

function link({ title, file }) {
  return `[${basename(file, '.spec.ts')}](../${file}): ${title.replaceAll('|', '\\|')}`;
}
