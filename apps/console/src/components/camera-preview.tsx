import { useEffect, useRef } from 'react';
import classes from './camera-preview.module.css';

/** What the agent is shown, mirrored as people expect to see themselves. */
export function CameraPreview({ stream }: { readonly stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <figure className={classes.frame}>
      <video
        ref={video}
        className={classes.video}
        data-testid="camera-preview"
        autoPlay
        muted
        playsInline
        aria-label="Preview of your camera"
      />
      <figcaption className={classes.note}>The agent sees one picture a second</figcaption>
    </figure>
  );
}
