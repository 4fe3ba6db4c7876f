const PREPOSITIONS = 'in for of about at near on from with named called'.split(' ');
const BORDER =
  'in|for|of|about|at|near|on|to|from|with|named|called|and|or|today|tonight|tomorrow|now|please|right|this|next|is|are|like|look|looks|was|do|does|then|instead|again|saying|that|telling|who|if|so';
/** Words that begin sentences and are no names. */
const COMMON =
  /^(?:I|A|An|The|My|Your|Our|What|Who|Where|When|Why|How|Which|Is|Are|Am|Do|Does|Did|Can|Could|Would|Will|Should|Please|Tell|Give|Show|Get|Set|Find|Search|Check|Look|Book|Order|Call|Send|Play|Start|Stop|Turn|Add|Create|Make|Roll|Hey|Hi|Hello|Okay|Ok|And|But|So|Then|Now|Let|Lets|It|That|This|There|Monitor|Watch|Say|Ask|Transfer|Remind|Yes|No|Thanks|In|For|Of|About|At|On|To|From)$/;

/** What is in quotation marks. */
export function quotedIn(text: string): string[] {
  return [...text.matchAll(/["“]([^"”]+)["”]/g)].map((match) => match[1] ?? '');
}

/** What follows the prepositions, up to the next one: "weather in New York today" → "New York". */
export function phrasesIn(text: string, prepositions: readonly string[] = PREPOSITIONS): string[] {
  const pattern = new RegExp(
    `\\b(?:${prepositions.join('|')})\\s+(?:the\\s+|a\\s+|an\\s+|my\\s+)?(.+?)(?=\\s+(?:${BORDER})\\b|[,.?!;](?:\\s|$)|$)`,
    'gi',
  );
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '').filter((phrase) => !isBorder(phrase));
}

/** Names: runs of capitalised words, without the word that only begins a sentence. */
export function properNounsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w'’-])[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*/g)].flatMap((match) => {
    const words = match[0].split(/\s+/);
    while (words[0] !== undefined && COMMON.test(words[0].replace(/['’].*$/, ''))) words.shift();
    const name = words.join(' ').replace(/['’]s$/, '');
    return name === '' ? [] : [name];
  });
}

/** What is asked for once the asking is taken away: "please search for red shoes" → "red shoes". */
export function remainderOf(text: string): string | undefined {
  const told = /\b(?:saying|that says|says|that|to say|reading)\s+(.+)$|:\s*(.+)$/i.exec(text);
  const searched = /\b(?:search|look|find|google|research|ask)\b.*?\b(?:for|about|up)\s+(.+)$/i.exec(text);
  const rest =
    told?.[1] ??
    told?.[2] ??
    searched?.[1] ??
    text
      .replace(/^(?:(?:hey|hi|hello|okay|ok|so|well|and|please)[, ]+)*/i, '')
      .replace(
        /^(?:can|could|would|will) you (?:please )?|^i(?:'d| would) like (?:you )?to |^i want (?:you )?to /i,
        '',
      )
      .replace(
        /^(?:please )?(?:\w+)(?: (?:me|up|us))?(?: (?:for|about|to|on))? (?:the |a |an |my )?(?=\w)/i,
        '',
      );
  const tidy = rest.replace(/(?:,? please)?[.?!]*$/i, '').trim();
  return tidy === '' ? undefined : tidy;
}

function isBorder(phrase: string): boolean {
  return new RegExp(`^(?:${BORDER}|me|you|it|us|them|him|her)$`, 'i').test(phrase);
}
