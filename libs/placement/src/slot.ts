/** Capacity and cost are counted in hundredths of a slot, in whole numbers. */
export const SLOT = 100;

/** What one voice session takes. */
export const SESSION_COST = SLOT;
