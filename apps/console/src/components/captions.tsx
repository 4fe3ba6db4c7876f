import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { CaptionEntry, Transcript, TranscriptEntry } from '../call/transcript.js';
import { CaptionBubble } from './caption-bubble.js';
import classes from './captions.module.css';
import { ToolCard } from './tool-card.js';

/** Within this of the end the reader follows the talk; above it, reads. */
const FOLLOW_PX = 120;

/** What was said, done and interrupted; it follows the talk unless the reader has scrolled up. */
export function Captions({
  transcript,
  agent,
  firstAudioByKey,
}: {
  readonly transcript: Transcript;
  /** What the agent is good for. */
  readonly agent: string;
  readonly firstAudioByKey: ReadonlyMap<string, number>;
}) {
  const list = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  useEffect(() => {
    if (following.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [transcript]);
  const finished = transcript.findLast(
    (entry): entry is CaptionEntry => entry.kind === 'caption' && entry.caption.final,
  );
  return (
    <div
      ref={list}
      className={classes.list}
      data-testid="captions"
      role="log"
      aria-label="Conversation"
      aria-live="off"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
      }}
    >
      {transcript.length === 0 && <Welcome agent={agent} />}
      {transcript.map((entry) => (
        <Entry key={entry.key} entry={entry} firstAudioByKey={firstAudioByKey} />
      ))}
      {/* Growing captions would be read out word by word; this says each when it is finished. */}
      <VisuallyHidden aria-live="polite">
        {finished &&
          `${finished.caption.speaker === 'user' ? 'You' : finished.caption.author}: ${finished.caption.text}`}
      </VisuallyHidden>
    </div>
  );
}

function Entry({
  entry,
  firstAudioByKey,
}: {
  readonly entry: TranscriptEntry;
  readonly firstAudioByKey: ReadonlyMap<string, number>;
}) {
  switch (entry.kind) {
    case 'caption':
      return <CaptionBubble entry={entry} firstAudioMs={firstAudioByKey.get(entry.key)} />;
    case 'tool':
      return <ToolCard entry={entry} />;
    case 'mark':
      return <p className={classes.mark}>{entry.text}</p>;
  }
}

function Welcome({ agent }: { readonly agent: string }) {
  return (
    <div className={classes.welcome}>
      <p className={classes.welcomeTitle}>Talk as you would with a person</p>
      {agent && <p className={classes.about}>{agent}</p>}
      <p>
        Press <kbd>M</kbd> and speak, or type below. You can talk over the agent at any time, and show it
        things with the camera.
      </p>
    </div>
  );
}
