import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionTool, LlmAgent } from '@parley/live';
import { z } from 'zod';

const LOOK_EVERY_MS = 10_000;

/** Made-up but steady: each symbol has a price of its own, which wanders in the same way in every call. */
function priceOf(symbol: string, look: number): number {
  const base = [...symbol.toUpperCase()].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return base + Math.round(Math.sin(look + base) * base) / 50;
}

/** A streaming tool: the model is told each yield, and ends it with `stop_streaming`, which the runtime adds. */
const monitorStockPrice = new FunctionTool({
  name: 'monitor_stock_price',
  description: 'Watches the price of a stock, and tells it again and again until it is stopped.',
  parameters: z.object({ symbol: z.string().describe('Ticker symbol, such as AAPL') }),
  responseScheduling: 'WHEN_IDLE',
  execute: async function* ({ symbol }, { signal }) {
    for (let look = 0; !signal.aborted; look++) {
      yield { symbol, price: priceOf(symbol, look), source: 'sample data' };
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  },
});

export const rootAgent = new LlmAgent({
  name: 'stock_monitor',
  description: 'Watches stock prices and speaks up when there is a new one.',
  instruction: [
    'You are Quinn, who watches the stock market for the caller. Answer in one or two short sentences.',
    'Greet with: Hello, this is Quinn. Which stock shall I watch?',
    'Use monitor_stock_price when the caller wants a price watched, and stop_streaming when it is enough.',
  ].join('\n'),
  tools: [monitorStockPrice],
});
