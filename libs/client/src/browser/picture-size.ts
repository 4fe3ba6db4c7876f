export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size with the same shape whose longer side is at most `maxSidePx`; never larger than it was. */
export function fitWithin(size: PictureSize, maxSidePx: number): PictureSize {
  const scale = Math.min(1, maxSidePx / Math.max(size.width, size.height));
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
}
