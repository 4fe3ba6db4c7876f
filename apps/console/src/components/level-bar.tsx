import { useLevel } from '../use-level.js';
import classes from './level-bar.module.css';

/** A meter of loudness. Only for the eye: the states that matter are also said in words. */
export function LevelBar({
  label,
  rms,
  active,
  tone,
}: {
  readonly label: string;
  readonly rms: () => number;
  readonly active: boolean;
  readonly tone: 'user' | 'agent';
}) {
  const bar = useLevel<HTMLDivElement>(rms, active);
  return (
    <div className={classes.meter} data-tone={tone} data-active={active} aria-hidden="true">
      <span className={classes.label}>{label}</span>
      <div className={classes.track} ref={bar}>
        <span className={classes.fill} />
      </div>
    </div>
  );
}
