import { useEffect } from 'react';
import type { CallController } from './call/call-controller.js';

/** Space and M switch the microphone, Escape silences the agent; not while typing. */
export function useShortcuts(controller: CallController): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : undefined;
      if (target?.closest('input, textarea, select, [contenteditable], [role="dialog"]')) return;
      // On a button or a summary the space bar has its own meaning.
      const takesSpace = target?.closest(
        'button, a, summary, [role="option"], [role="radio"], [role="switch"]',
      );
      if (event.key === 'Escape') return controller.interrupt();
      if (event.key.toLowerCase() !== 'm' && (event.key !== ' ' || takesSpace)) return;
      event.preventDefault();
      void controller.toggleTalk();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [controller]);
}
