import { pick } from './words.js';

type Lines = readonly [string, ...string[]];

const SMALL_TALK: readonly (readonly [RegExp, Lines])[] = [
  [
    /\bhow are you\b|\bhow(?:'s| is) it going\b/i,
    ['I am doing well, thank you. How are you?', 'Very well, thanks. And you?'],
  ],
  [/\b(?:thank you|thanks|cheers)\b/i, ['You are welcome.', 'My pleasure.', 'Any time.']],
  [
    /\b(?:bye|goodbye|good night|see you)\b/i,
    ['Goodbye, it was nice talking to you.', 'Goodbye, take care.'],
  ],
  [
    /\bjoke\b|\bmake me laugh\b/i,
    [
      'Why did the packet cross the network? To get to the other socket.',
      'I would tell you a joke about UDP, but you might not get it.',
      'There are ten kinds of people: those who read binary, and those who do not.',
    ],
  ],
  [/\b(?:sorry|my mistake)\b/i, ['No problem at all.', 'Do not worry about it.']],
  [
    /\b(?:i love you|you are (?:great|nice|awesome|amazing|smart))\b/i,
    ['That is kind of you.', 'You are making me blush.'],
  ],
  [/\bcan you hear me\b|\bare you there\b|\btesting\b/i, ['Yes, I hear you well.', 'Yes, loud and clear.']],
  [
    /^(?:well|oh|so)?[, ]*(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\b/i,
    ['Hello! How can I help you?', 'Hi there! What can I do for you?', 'Hello, nice to hear from you.'],
  ],
  [
    /^(?:yes|yeah|yep|sure|of course|okay|ok|right|great|nice|good|cool|perfect|wonderful)\b[.! ]*$/i,
    ['Good. What would you like next?', 'All right. What else?'],
  ],
  [
    /^(?:no|nope|nah|not really|never mind)\b[.! ]*$/i,
    ['All right. Just tell me when you need something.', 'Okay, no problem.'],
  ],
];

export function smallTalk(said: string, random: () => number): string | undefined {
  const lines = SMALL_TALK.find(([pattern]) => pattern.test(said))?.[1];
  return lines && pick(lines, random);
}

/** A short word to somebody who wants silence; undefined when `said` doesn't. */
export function acknowledgeStop(said: string, random: () => number): string | undefined {
  const stops =
    /^(?:(?:please|okay|ok|no|hey|oh|now|just)[, ]+)*(?:stop|wait|hold on|hang on|pause|quiet|be quiet|silence|enough|shut up|that's enough|never mind|one moment|one second|stop talking|stop it|wait a (?:moment|minute|second))(?:[, ]+(?:please|now|it|that|there|stop|wait|talking|a (?:moment|minute|second)))*[.!? ]*$/i;
  return stops.test(said.trim()) ? pick(['Okay.', 'Sure.', 'All right.'], random) : undefined;
}

/** Time and date, in UTC since nothing is known of the user's place. */
export function tellTime(said: string, nowMs: number): string | undefined {
  const now = new Date(nowMs);
  const day = now.toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  if (/\bwhat(?:'s| is) the date\b|\b(?:what|which) day\b|\btoday's date\b/i.test(said))
    return `Today is ${day}.`;
  if (!/\bwhat(?:'s| is)? (?:the )?time\b|\btime is it\b|\bthe time\b/i.test(said)) return undefined;
  return `It is ${now.toISOString().slice(11, 16)} UTC.`;
}

/** What the user wants to hear from the emulator's mouth. */
export function echo(said: string): string | undefined {
  const match =
    /^(?:(?:please|can you|could you|now)[, ]+)*(?:repeat after me|say after me|repeat|echo|say)(?: the words?| that| this)?[:,]?\s+["“]?(.+?)["”]?[.]?$/i.exec(
      said.trim(),
    );
  const words = match?.[1]?.replace(/,? please$/i, '');
  if (words === undefined || /^(?:it|that|that again|again|it again|something|anything)$/i.test(words))
    return undefined;
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
