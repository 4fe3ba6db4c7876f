/*
 * Loaded by `node --import` into one process of the service: its wall clock is off by `?ms=`, as that of a machine
 * without NTP. What measures spans (performance.now, timers) is not touched, as there.
 */
const offMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const RealDate = Date;

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + offMs;
  }
};
