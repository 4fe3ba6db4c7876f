import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { KeyDialog } from './access/key-dialog.js';
import type { CallController } from './call/call-controller.js';
import { firstCaptionTimes } from './call/first-caption-times.js';
import { Captions } from './components/captions.js';
import { Composer } from './components/composer.js';
import { ErrorBanner } from './components/error-banner.js';
import { EventLog } from './components/event-log.js';
import { OutageNotice } from './components/outage-notice.js';
import { PageHeader } from './components/page-header.js';
import { Stage } from './components/stage.js';
import classes from './console-page.module.css';
import { ControllerContext, useCall } from './use-call.js';
import { useShortcuts } from './use-shortcuts.js';

type Panel = 'conversation' | 'events';

export function ConsolePage({ controller }: { readonly controller: CallController }) {
  useShortcuts(controller);
  return (
    <ControllerContext value={controller}>
      <Page />
      <KeyDialog />
    </ControllerContext>
  );
}

function Page() {
  const { transcript, events, firstAudio, call, agents, agent } = useCall();
  const [panel, setPanel] = useState<Panel>('conversation');
  const times = useMemo(
    () => firstCaptionTimes(transcript, firstAudio, call),
    [transcript, firstAudio, call],
  );
  return (
    <div className={classes.page} data-panel={panel}>
      <PageHeader />
      <ErrorBanner />
      <OutageNotice />
      <main className={classes.main}>
        <div className={classes.call}>
          <Stage />
        </div>
        <SegmentedControl
          className={classes.tabs ?? ''}
          aria-label="Show"
          size="xs"
          value={panel}
          onChange={(value) => setPanel(value === 'events' ? 'events' : 'conversation')}
          data={[
            { value: 'conversation', label: 'Conversation' },
            { value: 'events', label: `Events (${events.length})` },
          ]}
        />
        <section className={classes.conversation} aria-label="Conversation">
          <Captions
            transcript={transcript}
            agent={agents?.find(({ name }) => name === agent)?.description ?? ''}
            firstAudioByKey={times}
          />
          <Composer />
        </section>
        <section className={classes.events} aria-label="Events">
          <EventLog events={events} />
        </section>
      </main>
    </div>
  );
}
