import { pick } from './words.js';

const STORIES = [
  (
    hero: string,
  ) => `Once upon a time there was ${hero} at the edge of a quiet harbour. Every evening the fog came in from the
  sea, and every evening a small bell rang somewhere inside it. Nobody in the town knew who rang the bell. One night our hero
  took a lantern, found an old rowing boat, and followed the sound. The water was black and perfectly still. After a long
  while a lighthouse appeared that was on no map. Its door stood open, and on the stairs sat an old keeper, mending a clock.
  I ring for those who are lost, said the keeper, but tonight I am tired. So our hero took the rope and rang the bell until
  the morning. When the sun rose, twelve fishing boats came home that had been missing for a week. Since then the two of them
  take turns, and if you listen carefully on a foggy night, you can hear which of them is ringing.`,
  (
    hero: string,
  ) => `Long ago, in a valley between two mountains, lived ${hero} who wanted to know where the river went. The others
  said that the river simply ended. So one morning our hero packed bread, cheese and a ball of red string, and set out along
  the bank. On the first day the river was loud and in a hurry. On the second day it was broad and slow, and herons walked in
  it. On the third day it went into the ground and was gone. Our hero tied the red string to a branch and let it down the
  hole, and felt a gentle pull from below. Somebody was there. The string was pulled three times, and a small voice asked
  what took you so long. And that is how the people of the valley found their neighbours, who lived in a garden under the
  mountain, and had always wondered where the river came from.`,
  (
    hero: string,
  ) => `There once was ${hero} with a very unusual job, which was to wind up the moon. Each night, when the last window
  went dark, our hero climbed the tallest tower with a golden key. Forty turns made a full moon, and twenty made half of one.
  One winter the key was lost in the snow, and the nights grew darker and darker. The children searched, the dogs searched,
  and even the mayor searched on his hands and knees. In the end it was a magpie who had it, because magpies love everything
  that shines. She did not want silver for it, and she did not want bread. She wanted to turn the key herself, just once. So
  they let her, and she turned it eighty times instead of forty. That night there were two moons in the sky, and nobody slept,
  and everybody agreed that it had been worth it.`,
] as const;

/** A story of most of a minute, so that there is something to interrupt. `topic` is such as "a dragon". */
export function tellStory(topic: string | undefined, random: () => number): string {
  const hero = topic ?? pick(['a young fisher', 'a curious girl', 'a patient clockmaker'], random);
  return pick(STORIES, random)(hero).replace(/\s+/g, ' ');
}

/** The topic of "tell me a story about …". */
export function storyTopic(said: string): string | undefined {
  const topic = /\b(?:story|tale|poem)\b.*?\b(?:about|of)\s+(.+?)[.?!]*$/i.exec(said)?.[1];
  if (topic === undefined) return undefined;
  return /^(?:an?|the|my|our|some|two|three)\s/i.test(topic) || /^[A-Z]/.test(topic) ? topic : `a ${topic}`;
}
