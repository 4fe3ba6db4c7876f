import { useEffect, useRef, type RefObject } from 'react';

/** Quieter than this counts as nothing; full scale for speech is about −10 dBFS. */
const FLOOR_DBFS = -52;
const TOP_DBFS = -10;

/**
 * Writes a loudness into the element's CSS variable `--level` (0…1) at each animation frame, beside React, so that
 * a meter costs no rendering. Rises at once and falls slowly, as meters do.
 */
export function useLevel<E extends HTMLElement>(rms: () => number, active: boolean): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    let level = 0;
    let frame = 0;
    const draw = (): void => {
      level = Math.max(loudness(rms()), level * 0.88);
      element.current?.style.setProperty('--level', level.toFixed(3));
      frame = requestAnimationFrame(draw);
    };
    if (active) draw();
    else element.current?.style.setProperty('--level', '0');
    return () => cancelAnimationFrame(frame);
  }, [rms, active]);
  return element;
}

function loudness(rms: number): number {
  if (rms <= 0) return 0;
  const dbfs = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, (dbfs - FLOOR_DBFS) / (TOP_DBFS - FLOOR_DBFS)));
}
