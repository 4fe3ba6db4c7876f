import { Badge, Tooltip } from '@mantine/core';

const MEANING =
  'This answer comes from an imitation of the model that runs on this machine, not from Google’s Gemini.';

/** Says that nobody should take the answers for those of the real model. */
export function EmulatedBadge() {
  return (
    <Tooltip label={MEANING} multiline w={260} withArrow events={{ hover: true, focus: true, touch: true }}>
      <Badge
        data-testid="emulated-badge"
        color="ember"
        variant="light"
        radius="sm"
        tabIndex={0}
        tt="none"
        fw={600}
      >
        Emulated
      </Badge>
    </Tooltip>
  );
}
