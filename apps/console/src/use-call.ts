import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CallController } from './call/call-controller.js';
import type { CallState } from './call/call-state.js';

export const ControllerContext = createContext<CallController | undefined>(undefined);

export function useController(): CallController {
  const controller = useContext(ControllerContext);
  if (!controller) throw new Error('There is no controller around this component.');
  return controller;
}

export function useCall(): CallState {
  const { store } = useController();
  return useSyncExternalStore(store.subscribe, store.read);
}
