import '@mantine/core/styles.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeApiKey } from './access/api-key.js';
import { CallController } from './call/call-controller.js';
import { ConsolePage } from './console-page.js';
import { exposeProbe } from './page-probe.js';
import { theme } from './theme.js';

const controller = new CallController();
exposeProbe(controller);
void controller.useKey(takeApiKey());

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <ConsolePage controller={controller} />
      </MantineProvider>
    </StrictMode>,
  );
}
